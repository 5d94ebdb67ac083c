// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/message_tree.h"

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <vector>

#include "dissector/payload/message_text.h"
#include "dissector/payload/registry.h"
#include "dissector/text/escape.h"
#include "dissector/text/quantity.h"
#include "wireshark-plugin/capture_state.h"
#include "wireshark-plugin/field_row.h"

namespace vsdump {

namespace {

using payload::Detail;
using payload::Message;
using payload::Outcome;

struct MessageFields {
  int message = -1;
  int protocol = -1;
  int call = -1;
  int outcome = -1;
  int error = -1;
  int latency = -1;
  int requestIn = -1;
  int replyIn = -1;
  int isCut = -1;
  int other = -1;
};

MessageFields messageFields;
int messageTree = -1;

/// A field for each thing that a message can say. What is missing here is shown by
/// vsockmon.message.other.
struct DetailField {
  const char* key;
  bool isNumber;
  int id = -1;
};

auto detailFields = std::to_array<DetailField>({
    {"address", false},
    {"agent_version", false},
    {"alpn", false},
    {"arguments", false},
    {"backlog", true},
    {"bits_per_second", true},
    {"block_bytes", true},
    {"bytes", true},
    {"cipher", false},
    {"cipher_to_client", false},
    {"cipher_to_server", false},
    {"client_bytes", true},
    {"client_version", false},
    {"columns", true},
    {"command", false},
    {"control", true},
    {"cpus", true},
    {"data", false},
    {"device", false},
    {"enclave", true},
    {"env", false},
    {"error", false},
    {"exec_id", false},
    {"execute", false},
    {"exit_status", true},
    {"export", false},
    {"family", false},
    {"file_size", true},
    {"firecracker_family", true},
    {"flags", false},
    {"for", false},
    {"host", false},
    {"host_key", false},
    {"host_port", true},
    {"hostname", false},
    {"id", false},
    {"identifier", false},
    {"kex", false},
    {"last_stream", true},
    {"length", true},
    {"level", false},
    {"messages", true},
    {"messages_received", true},
    {"messages_sent", true},
    {"mode", false},
    {"ms_since_console", true},
    {"mtu", true},
    {"name", false},
    {"offers", false},
    {"offset", true},
    {"parallel", true},
    {"path", false},
    {"peer_port", true},
    {"port", true},
    {"priority", false},
    {"program", false},
    {"refused", true},
    {"root", false},
    {"rows", true},
    {"sandbox_id", false},
    {"seconds", true},
    {"server_bytes", true},
    {"server_name", false},
    {"service", false},
    {"signal", true},
    {"size", true},
    {"socket", true},
    {"status", true},
    {"stderr_port", true},
    {"stdin_port", true},
    {"stdout", false},
    {"stdout_port", true},
    {"stream", false},
    {"subsystem", false},
    {"target", false},
    {"text", false},
    {"timeout", false},
    {"timeout_ns", true},
    {"timeout_s", true},
    {"transport", false},
    {"type", false},
    {"unix_ns", true},
    {"upgrade", false},
    {"version", false},
    {"vm_port", true},
    {"written", true},
});

/// A field for each protocol, with the call as its value.
struct ProtocolField {
  std::string name;    ///< as messages have it
  std::string filter;  ///< "vsockmon.kata"
  int id = -1;
};
std::vector<ProtocolField> protocolFields;

void addProtocolField(std::string_view name) {
  if (name.empty()) return;
  const auto isIt = [&](const ProtocolField& field) { return field.name == name; };
  if (std::ranges::any_of(protocolFields, isIt)) return;
  protocolFields.push_back({std::string(name), "vsockmon." + std::string(name)});
}

/// Text of a message in the packet's memory, escaped.
template <typename Make>
const char* textIn(wmem_allocator_t* pool, const Make& make) noexcept {
  try {
    std::string text;
    make(text);
    return wmem_strdup(pool, text.c_str());
  } catch (const std::bad_alloc&) {
    return "";
  }
}

const char* escapedIn(wmem_allocator_t* pool, std::string_view raw) noexcept {
  return textIn(pool, [&](std::string& text) { appendEscaped(text, raw); });
}

/// "kata CreateContainer id=c1", or "kata CreateContainer ok, 31.4 ms" of a reply.
const char* summaryIn(wmem_allocator_t* pool, const Message& message, bool isReply) noexcept {
  return textIn(pool, [&](std::string& text) {
    if (!isReply) return payload::appendRequestText(text, message);
    text += message.protocol;
    text += ' ';
    appendEscaped(text, message.call);
    text += ' ';
    payload::appendReplyText(text, message);
    if (const auto latency = message.latencyNs()) text += ", " + durationText(*latency);
  });
}

/// ": unanswered" of a request that has no reply and will get none; what became of others is said
/// where their reply is.
const char* outcomeIn(wmem_allocator_t* pool, const Message& message) noexcept {
  if (message.outcome == Outcome::Pending || raw(message.replyPacket) != 0) return "";
  return textIn(pool, [&](std::string& text) {
    payload::appendReplyText(text, message);
    if (!text.empty()) text.insert(0, ": ");
  });
}

void generated(proto_item* item) {
  proto_item_set_generated(item);
}

void addDetail(const Detail& detail, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  const auto* number = std::get_if<std::uint64_t>(&detail.value);
  const auto field =
      std::ranges::lower_bound(detailFields, detail.key, {},
                               [](const DetailField& one) { return std::string_view(one.key); });
  const bool isKnown = field != detailFields.end() && field->key == detail.key &&
                       field->isNumber == (number != nullptr);
  if (isKnown && number != nullptr) {
    return generated(proto_tree_add_uint64(tree, field->id, tvb, 0, 0, *number));
  }
  const char* text = number != nullptr
                         ? wmem_strdup_printf(pinfo->pool, "%" G_GUINT64_FORMAT, *number)
                         : escapedIn(pinfo->pool, *std::get_if<std::string>(&detail.value));
  if (isKnown) return generated(proto_tree_add_string(tree, field->id, tvb, 0, 0, text));
  generated(
      proto_tree_add_string(tree, messageFields.other, tvb, 0, 0,
                            wmem_strdup_printf(pinfo->pool, "%s=%s", detail.key.data(), text)));
}

void addCall(const Message& message, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  const char* call = escapedIn(pinfo->pool, message.call);
  generated(
      proto_tree_add_string(tree, messageFields.protocol, tvb, 0, 0, message.protocol.data()));
  generated(proto_tree_add_string(tree, messageFields.call, tvb, 0, 0, call));
  for (const ProtocolField& field : protocolFields) {
    if (field.name != message.protocol) continue;
    proto_item* item = proto_tree_add_string(tree, field.id, tvb, 0, 0, call);
    generated(item);
    proto_item_set_hidden(item);
  }
}

/// What became of a request: with its reply, and once all is known also with the request.
void addOutcome(const Message& message, bool isReply, tvbuff_t* tvb, packet_info* pinfo,
                proto_tree* tree) {
  if (!isReply && (message.outcome == Outcome::Pending || raw(message.replyPacket) != 0)) {
    if (raw(message.replyPacket) == 0) return;
    return generated(proto_tree_add_uint(tree, messageFields.replyIn, tvb, 0, 0,
                                         static_cast<guint32>(raw(message.replyPacket))));
  }
  generated(proto_tree_add_string(tree, messageFields.outcome, tvb, 0, 0,
                                  payload::outcomeWord(message.outcome).data()));
  if (!message.error.empty()) {
    generated(proto_tree_add_string(tree, messageFields.error, tvb, 0, 0,
                                    escapedIn(pinfo->pool, message.error)));
  }
  if (isReply) {
    generated(proto_tree_add_uint(tree, messageFields.requestIn, tvb, 0, 0,
                                  static_cast<guint32>(raw(message.packet))));
  }
  if (const auto latency = message.latencyNs()) {
    nstime_t time;
    time.secs = static_cast<time_t>(*latency / 1'000'000'000);
    time.nsecs = static_cast<int>(*latency % 1'000'000'000);
    generated(proto_tree_add_time(tree, messageFields.latency, tvb, 0, 0, &time));
  }
  for (const Detail& detail : message.reply.all()) addDetail(detail, tvb, pinfo, tree);
}

}  // namespace

void registerMessageFields(int protocol) {
  addProtocolField("vsock");
  for (const payload::Protocol* one : payload::protocols()) {
    addProtocolField(one->name);
    addProtocolField(one->alsoName);
  }
  static std::vector<std::string> filters;
  filters.reserve(detailFields.size());
  static std::vector<hf_register_info> rows = {
      row(messageFields.message, "Message", "vsockmon.message", FT_STRING, BASE_NONE, nullptr,
          "As vsdump messages has it"),
      row(messageFields.protocol, "Protocol", "vsockmon.message.protocol", FT_STRING, BASE_NONE),
      row(messageFields.call, "Call", "vsockmon.message.call", FT_STRING, BASE_NONE),
      row(messageFields.outcome, "Outcome", "vsockmon.message.outcome", FT_STRING, BASE_NONE),
      row(messageFields.error, "What went wrong", "vsockmon.message.what", FT_STRING, BASE_NONE),
      row(messageFields.latency, "Response time", "vsockmon.message.time", FT_RELATIVE_TIME,
          BASE_NONE, nullptr,
          "From the packet that completed the request to the one that completed the reply"),
      row(messageFields.requestIn, "Request in", "vsockmon.message.request_in", FT_FRAMENUM,
          BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST)),
      row(messageFields.replyIn, "Reply in", "vsockmon.message.reply_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE)),
      row(messageFields.isCut, "Not all of it captured", "vsockmon.message.cut", FT_BOOLEAN,
          BASE_NONE),
      row(messageFields.other, "More", "vsockmon.message.other", FT_STRING, BASE_NONE),
  };
  for (DetailField& field : detailFields) {
    filters.push_back(std::string("vsockmon.message.") + field.key);
    rows.push_back(row(field.id, field.key, filters.back().c_str(),
                       field.isNumber ? FT_UINT64 : FT_STRING,
                       field.isNumber ? static_cast<int>(BASE_DEC) : static_cast<int>(BASE_NONE)));
  }
  for (ProtocolField& field : protocolFields) {
    rows.push_back(row(field.id, field.name.c_str(), field.filter.c_str(), FT_STRING, BASE_NONE,
                       nullptr, "The call of a message of this protocol"));
  }
  proto_register_field_array(protocol, rows.data(), static_cast<int>(rows.size()));
  static int* trees[] = {&messageTree};
  proto_register_subtree_array(trees, 1);
}

void addMessages(const View& view, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  const CaptureState* state = captureState();
  if (state == nullptr) return;
  for (const MessagePart& part : view.messages) {
    const Message& message = state->messages().message(part.message);
    proto_item* item = proto_tree_add_string(tree, messageFields.message, tvb, 0, 0,
                                             summaryIn(pinfo->pool, message, part.isReply));
    generated(item);
    proto_tree* below = proto_item_add_subtree(item, messageTree);
    addCall(message, tvb, pinfo, below);
    if (!part.isReply) {
      for (const Detail& detail : message.details.all()) addDetail(detail, tvb, pinfo, below);
      if (message.isCut)
        generated(proto_tree_add_boolean(below, messageFields.isCut, tvb, 0, 0, TRUE));
    }
    addOutcome(message, part.isReply, tvb, pinfo, below);
  }
}

const char* callIn(wmem_allocator_t* pool, const payload::Message& message) noexcept {
  return textIn(pool, [&](std::string& text) {
    text += message.protocol;
    text += ' ';
    appendEscaped(text, message.call);
  });
}

void addMessageColumn(const View& view, packet_info* pinfo) {
  constexpr std::size_t kMost = 4;
  const CaptureState* state = captureState();
  if (state == nullptr) return;
  for (std::size_t i = 0; i < view.messages.size() && i < kMost; ++i) {
    const MessagePart& part = view.messages[i];
    const Message& message = state->messages().message(part.message);
    col_append_sep_str(pinfo->cinfo, COL_INFO, i == 0 ? " " : "; ",
                       summaryIn(pinfo->pool, message, part.isReply));
    if (!part.isReply) col_append_str(pinfo->cinfo, COL_INFO, outcomeIn(pinfo->pool, message));
  }
  if (view.messages.size() > kMost) {
    col_append_fstr(pinfo->cinfo, COL_INFO, "; %u more",
                    static_cast<unsigned>(view.messages.size() - kMost));
  }
}

}  // namespace vsdump
