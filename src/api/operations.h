// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call.h"

namespace daybook::api {

// One function an Operation. Those that only compute give the answer; the others wait for something
// or stream, and answer the call themselves.

Answer<net::Response> redirect_to_ui(Call& call);
Answer<net::Response> health(Call& call);
Answer<net::Response> ready(Call& call);
Answer<net::Response> metrics(Call& call);
Answer<net::Response> openapi(Call& call);
Answer<net::Response> ui(Call& call);

net::Task<void> answer_login(Call& call);
Answer<net::Response> logout(Call& call);
Answer<net::Response> me(Call& call);
net::Task<void> answer_create_user(Call& call);
net::Task<void> answer_create_service_account(Call& call);
net::Task<void> answer_create_token(Call& call);
net::Task<void> answer_rotate_key(Call& call);

net::Task<void> answer_redact(Call& call);
net::Task<void> answer_redactions(Call& call);
net::Task<void> answer_approve_redaction(Call& call);
net::Task<void> answer_withdraw_redaction(Call& call);
net::Task<void> answer_retention(Call& call);
net::Task<void> answer_run_retention(Call& call);
net::Task<void> answer_holds(Call& call);
net::Task<void> answer_add_hold(Call& call);
net::Task<void> answer_remove_hold(Call& call);

Answer<net::Response> search(Call& call);
net::Task<void> answer_export(Call& call);
net::Task<void> answer_find(Call& call);
Answer<net::Response> history(Call& call);
Answer<net::Response> aggregate(Call& call);
net::Task<void> answer_follow(Call& call);
Answer<net::Response> entry(Call& call);
Answer<net::Response> diff(Call& call);
net::Task<void> answer_proof(Call& call);
net::Task<void> answer_entries(Call& call);
net::Task<void> answer_evidence(Call& call);
net::Task<void> answer_evidence_set(Call& call);

Answer<net::Response> checkpoint(Call& call);
Answer<net::Response> key(Call& call);
Answer<net::Response> key_rotations(Call& call);
Answer<net::Response> consistency(Call& call);
Answer<net::Response> tile(Call& call);

}  // namespace daybook::api
