// SPDX-License-Identifier: Apache-2.0
// A Netty server that answers everything with 200 and writes method and target, one line each.
//   java -cp 'LIB/*' Seen.java PORT LOG
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.*;
import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;

public class Seen {
  public static void main(String[] args) throws Exception {
    FileOutputStream log = new FileOutputStream(args[1], true);
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new HttpServerCodec(65536, 65536, 8192))
                    .addLast(new HttpServerKeepAliveHandler())
                    .addLast(new Answer(log));
              }
            })
        .bind("127.0.0.1", Integer.parseInt(args[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  static class Answer extends SimpleChannelInboundHandler<HttpObject> {
    private final FileOutputStream log;
    private boolean head;

    Answer(FileOutputStream log) {
      this.log = log;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) throws Exception {
      if (message.decoderResult().isFailure()) {
        context.close();
        return;
      }
      if (message instanceof HttpRequest request) {
        head = request.method().equals(HttpMethod.HEAD);
        String line = "seen " + request.method() + " " + request.uri() + "\n";
        synchronized (log) {
          log.write(line.getBytes(StandardCharsets.ISO_8859_1));
        }
      }
      if (message instanceof LastHttpContent) {
        FullHttpResponse answer =
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.OK,
                head
                    ? Unpooled.EMPTY_BUFFER
                    : Unpooled.copiedBuffer("{}", StandardCharsets.US_ASCII));
        answer.headers().set("Content-Type", "application/json").set("Content-Length", 2);
        context.writeAndFlush(answer);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
      context.close();
    }
  }
}
