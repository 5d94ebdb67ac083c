// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/dissect.h"

#include "wireshark-plugin/addresses.h"
#include "wireshark-plugin/experts.h"
#include "wireshark-plugin/fields.h"
#include "wireshark-plugin/message_tree.h"
#include "wireshark-plugin/payload.h"
#include "wireshark-plugin/statistics.h"
#include "wireshark-plugin/tables.h"
#include "wireshark-plugin/tree.h"

namespace vsdump {

namespace {

int protocol = -1;
int tap = -1;
dissector_handle_t ownHandle = nullptr;
dissector_handle_t builtinHandle = nullptr;

gboolean showsBuiltin = TRUE;
gboolean showsCredit = TRUE;

/// Wireshark's own dissector, whose fields many filters and profiles use. It does not check how
/// much was captured: what it throws ends its own tree only.
void callBuiltin(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  if (builtinHandle == nullptr) return;
  const char* const current = pinfo->current_proto;
  TRY {
    call_dissector_only(builtinHandle, tvb, pinfo, showsBuiltin != FALSE ? tree : nullptr, nullptr);
  }
  CATCH_BOUNDS_ERRORS {
    show_exception(tvb, pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    pinfo->current_proto = current;  // whose expert items the next ones are
  }
  ENDTRY;
}

void appendSummary(const View& view, proto_item* item) {
  if (!view.hasConnection()) return;
  proto_item_append_text(
      item, ", connection %u, %s", raw(view.facts.seen.connection),
      view.facts.seen.direction == Direction::ToServer ? "to server" : "to client");
  if (view.packet.payloadLengthBytes != 0) {
    proto_item_append_text(item, ", %u byte%s", view.packet.payloadLengthBytes,
                           view.packet.payloadLengthBytes == 1 ? "" : "s");
  }
}

int dissectRecord(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void*) {
  View* view = lookAt(tvb, pinfo);
  callBuiltin(tvb, pinfo, tree);
  if (showsCredit == FALSE) view->facts.seen.credit = Observation::kUnknownCredit;
  const auto headers = static_cast<gint>(
      view->isVirtio() ? kVsockmonHeaderBytes + kVirtioHeaderBytes : kVsockmonHeaderBytes);
  const auto captured = static_cast<gint>(tvb_captured_length(tvb));
  proto_item* item =
      proto_tree_add_item(tree, protocol, tvb, 0, headers < captured ? headers : captured, ENC_NA);
  proto_tree* own = proto_item_add_subtree(item, subtrees.packet);
  if (view->packet.decoded != Decoded::Nothing) {
    fillColumns(*view, pinfo);
    appendSummary(*view, item);
    if (tree != nullptr) {
      addHeaders(*view, tvb, pinfo, own);
      addConnection(*view, tvb, own);
      addMessages(*view, tvb, pinfo, own);
    }
  }
  addExperts(*view, tvb, pinfo, own, item);
  if (!handOver(*view, tvb, pinfo, tree, own)) addMessageColumn(*view, pinfo);
  tap_queue_packet(tap, pinfo, view);
  return static_cast<int>(tvb_captured_length(tvb));
}

void registerPreferences() {
  module_t* module = prefs_register_protocol(protocol, nullptr);
  prefs_register_bool_preference(module, "builtin_tree", "Show Wireshark's own vsock tree",
                                 "The fields vsock.* are filled only if it is shown",
                                 &showsBuiltin);
  prefs_register_bool_preference(module, "credit", "Show the credit that senders have left",
                                 "The credit and window fields, and Credit= in the Info column",
                                 &showsCredit);
  registerPayloadPreferences(module);
}

}  // namespace

void registerDissector() {
  protocol = proto_register_protocol("AF_VSOCK connections", "vsockmon", "vsockmon");
  registerFields(protocol);
  registerExperts(protocol);
  registerMessageFields(protocol);
  registerPayload(protocol);
  registerAddresses();
  registerPreferences();
  tap = register_tap("vsockmon");
  ownHandle = register_dissector("vsockmon", dissectRecord, protocol);
  register_init_routine([] { resetCaptureState(decodeAsPreference()); });
  register_cleanup_routine(dropCaptureState);
  register_postseq_cleanup_routine(finishCaptureState);
  registerTables(protocol);
}

void takeOver() {
  builtinHandle = dissector_get_uint_handle(find_dissector_table("wtap_encap"), WTAP_ENCAP_VSOCK);
  dissector_add_uint("wtap_encap", WTAP_ENCAP_VSOCK, ownHandle);
  findPayloadDissectors();
  registerStatistics();
}

}  // namespace vsdump
