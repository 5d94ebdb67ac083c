// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/http1.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "dissector/payload/cursor.h"
#include "dissector/payload/http2.h"
#include "dissector/payload/http_head.h"

namespace vsdump::payload {

namespace {
namespace http1 {

constexpr std::size_t kLongestLine = 64;
constexpr std::size_t kMostRequests = 1024;

Verdict recognise(const Opening& opening) {
  bool needsMore = false;
  for (const Bytes way : {opening.toServer, opening.toClient}) {
    if (way.empty()) continue;
    const auto may = mayBeginHttpHead(textOf(way));
    if (may == true) return Verdict::Yes;
    if (!may) needsMore = true;
  }
  return needsMore ? Verdict::NeedMore : Verdict::No;
}

/// Where the empty line after a head ends; npos while it has not come.
std::size_t endOfHead(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return std::string_view::npos;
}

class Http1Decoder final : public Decoder {
 public:
  Taken take(Direction d, Bytes bytes, Context& context) override {
    Way& way = ways_[index(d)];
    switch (way.state) {
      case State::Head:
        return onHead(d, bytes, context);
      case State::Body:
        if (context.cut == Cut::End) return onBodyCutShort(d, context);
        onEnd(d, 0, context);
        return onHead(d, bytes, context);
      case State::ChunkSize:
        if (context.cut == Cut::End) return onBodyCutShort(d, context);
        return onChunkSize(d, bytes);
      case State::Chunk:
        if (context.cut == Cut::End) return onBodyCutShort(d, context);
        way.state = State::ChunkSize;
        return onChunkSize(d, bytes);
      case State::Trailer:
        return onTrailer(d, bytes, context);
      case State::UntilEnd:
        if (context.cut != Cut::End) {
          way.bodyBytes += bytes.size();
          return bytes.empty() ? Taken::nothing() : Taken::some(bytes.size());
        }
        return onEnd(d, 0, context);
    }
    return Taken::giveUp();
  }

  void lost(Direction d, Context& context) override {
    // Without the bytes between, nobody can tell which response answers which request.
    context.forget();
    requests_.clear();
    ways_[index(d)] = {};
    response_ = {};
  }

  bool mayBegin(Direction, Bytes bytes) const override {
    return mayBeginHttpHead(textOf(bytes)) == true;
  }

 private:
  enum class State : std::uint8_t { Head, Body, ChunkSize, Chunk, Trailer, UntilEnd };
  struct Way {
    State state = State::Head;
    std::size_t scanned = 0;  ///< bytes of the head in which its end is not
    std::uint64_t bodyBytes = 0;
  };
  struct Request {
    std::uint64_t key = 0;
    std::string method;
  };
  /// The response of which the body has begun.
  struct Response {
    HttpHead head;
    std::optional<Request> request;
  };

  Taken onHead(Direction d, Bytes bytes, Context& context) {
    const std::string_view text = textOf(bytes);
    Way& way = ways_[index(d)];
    if (text.empty()) return Taken::nothing();
    if (way.scanned == 0) {
      const std::size_t blank = std::min(text.find_first_not_of("\r\n"), text.size());
      if (blank != 0) return Taken::some(blank);  // some clients end a body with an empty line
    }
    if (mayBeginHttpHead(text) == false) return Taken::resync();
    const std::size_t from = way.scanned > 3 ? way.scanned - 3 : 0;
    std::size_t end = endOfHead(text.substr(from));
    if (end == std::string_view::npos) {
      if (context.cut == Cut::No || context.cut == Cut::End) {
        way.scanned = text.size();
        return Taken::nothing();
      }
      end = text.size();  // what is at hand of it must do
    } else {
      end += from;
    }
    way = {};
    const std::optional<HttpHead> head = parseHttpHead(text.substr(0, end));
    if (!head) return Taken::resync();
    if (end == text.size() && context.cut == Cut::Gap) {
      // How long the body is may be in what is missing.
      onRequestOrResponse(d, *head, context);
      return Taken::resync();
    }
    return head->isRequest ? onRequest(d, *head, end, context) : onResponse(d, *head, end, context);
  }

  void onRequestOrResponse(Direction d, const HttpHead& head, Context& context) {
    if (head.isRequest) {
      ask(d, head, context);
    } else if (const auto request = answered(d)) {
      putReply(context, *request, head, 0);
      context.answer(request->key, outcomeOf(head), {});
    }
  }

  void ask(Direction d, const HttpHead& head, Context& context) {
    Message message = context.message("http", d, head.method);
    message.details.text("target", head.target);
    message.details.text("host", head.host);
    if (requests_.size() >= kMostRequests) requests_.pop_front();
    requests_.push_back({nextKey_, head.method});
    context.ask(nextKey_++, std::move(message));
    client_ = d;
  }

  Taken onRequest(Direction d, const HttpHead& head, std::size_t end, Context& context) {
    ask(d, head, context);
    const bool hasBody = head.isChunked || head.contentLength.has_value();
    if (head.method == "POST" && head.target == "/connect" && !hasBody) {
      // gvproxy answers nothing, and frames of a network follow at once.
      context.answer(requests_.back().key, Outcome::OneWay, {});
      requests_.pop_back();
      return Taken::turn(end);
    }
    return beginBody(d, head, end, context, !hasBody);
  }

  Taken onResponse(Direction d, const HttpHead& head, std::size_t end, Context& context) {
    const bool isInterim = head.status < 200 && head.status != 101;
    if (isInterim) return Taken::some(end);
    std::optional<Request> request = answered(d);
    const bool isTunnel =
        request && request->method == "CONNECT" && head.status >= 200 && head.status < 300;
    if (isTunnel || head.status == 101) {
      if (request) {
        putReply(context, *request, head, 0);
        if (head.upgrade == "h2c") {
          context.handOver(request->key, kUpgradedStream);
        } else {
          context.answer(request->key, Outcome::Ok, {});
        }
      }
      return Taken::turn(end);
    }
    const bool hasNoBody =
        head.status == 204 || head.status == 304 || (request && request->method == "HEAD");
    response_ = Response{head, std::move(request)};
    return beginBody(d, head, end, context, hasNoBody);
  }

  /// The request that a response is for.
  std::optional<Request> answered(Direction d) {
    if (requests_.empty() || d == client_) return std::nullopt;
    Request request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }

  Taken beginBody(Direction d, const HttpHead& head, std::size_t end, Context& context,
                  bool hasNoBody) {
    Way& way = ways_[index(d)];
    if (hasNoBody || (!head.isChunked && head.contentLength == 0U)) return onEnd(d, end, context);
    if (head.isChunked) {
      way.state = State::ChunkSize;
      return Taken::some(end);
    }
    if (head.contentLength) {
      way.state = State::Body;
      way.bodyBytes = *head.contentLength;
      return Taken::some(end, std::min(*head.contentLength, Taken::kAll - 1));
    }
    way.state = State::UntilEnd;
    return Taken::some(end);
  }

  Taken onChunkSize(Direction d, Bytes bytes) {
    const std::string_view text = textOf(bytes);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return text.size() > kLongestLine ? Taken::resync() : Taken::nothing();
    }
    std::uint64_t size = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + end, size, 16);
    if (error != std::errc{} || size > Taken::kAll / 2) return Taken::resync();
    Way& way = ways_[index(d)];
    if (size == 0) {
      way.state = State::Trailer;
      return Taken::some(end + 1);
    }
    way.state = State::Chunk;
    way.bodyBytes += size;
    return Taken::some(end + 1, size + 2);  // an end of line is behind the chunk
  }

  /// Lines up to an empty one.
  Taken onTrailer(Direction d, Bytes bytes, Context& context) {
    const std::string_view text = textOf(bytes);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return context.cut == Cut::No ? Taken::nothing() : Taken::resync();
    }
    const std::string_view line = text.substr(0, end);
    if (line.empty() || line == "\r") return onEnd(d, end + 1, context);
    return Taken::some(end + 1);
  }

  /// A whole message has passed.
  Taken onEnd(Direction d, std::size_t consumed, Context& context) {
    Way& way = ways_[index(d)];
    if (response_ && d != client_) finish(way.bodyBytes, {}, context);
    way = {};
    return consumed == 0 ? Taken::nothing() : Taken::some(consumed);
  }

  Taken onBodyCutShort(Direction d, Context& context) {
    Way& way = ways_[index(d)];
    if (response_ && d != client_) {
      const std::uint64_t came = way.bodyBytes - std::min(way.bodyBytes, context.missing);
      finish(came, "the response ends within its body", context);
    }
    way = {};
    return Taken::nothing();
  }

  void finish(std::uint64_t bodyBytes, std::string error, Context& context) {
    const Response response = *std::exchange(response_, {});
    if (response.request) {
      putReply(context, *response.request, response.head, bodyBytes);
      const Outcome outcome = error.empty() ? outcomeOf(response.head) : Outcome::Error;
      if (outcome == Outcome::Error && error.empty()) error = shortened(response.head.reason);
      context.answer(response.request->key, outcome, std::move(error));
      return;
    }
    Message message = context.message("http", opposite(client_), "response");
    message.details.number("status", response.head.status);
    message.details.text("type", response.head.contentType);
    context.tell(std::move(message));
  }

  static Outcome outcomeOf(const HttpHead& head) {
    return head.status >= 400 ? Outcome::Error : Outcome::Ok;
  }

  static void putReply(Context& context, const Request& request, const HttpHead& head,
                       std::uint64_t bodyBytes) {
    Message* message = context.asked(request.key);
    if (message == nullptr) return;
    message->reply.number("status", head.status);
    message->reply.text("type", head.contentType);
    message->reply.text("upgrade", head.upgrade);
    if (bodyBytes != 0) message->reply.number("bytes", bodyBytes);
  }

  std::array<Way, 2> ways_;
  std::deque<Request> requests_;
  std::optional<Response> response_;
  std::uint64_t nextKey_ = 0;
  Direction client_ = Direction::ToServer;
};

std::unique_ptr<Decoder> make(const StreamFacts&) {
  return std::make_unique<Http1Decoder>();
}

}  // namespace http1
}  // namespace

const Protocol kHttp1{"http", "HTTP/1.0 and HTTP/1.1", http1::recognise, http1::make, {}, true};

}  // namespace vsdump::payload
