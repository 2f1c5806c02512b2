// SPDX-License-Identifier: Apache-2.0
import { createApp } from "vue";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/controls.css";
import "./styles/signin.css";
import "./styles/event.css";
import "./styles/audit.css";
import App from "./App.vue";
import { router } from "./router";
import { startSession } from "./session";

startSession();
createApp(App).use(router).mount("#app");
