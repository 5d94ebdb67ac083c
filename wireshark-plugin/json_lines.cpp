// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/json_lines.h"

namespace vsdump {

namespace {

dissector_handle_t linesHandle = nullptr;
dissector_handle_t jsonHandle = nullptr;

int dissectLines(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void*) {
  constexpr guint8 kSynchronises = 0xFF;  // QEMU's agent: what came before is to be forgotten
  const auto size = static_cast<gint>(tvb_captured_length(tvb));
  gint at = 0;
  while (at < size) {
    if (tvb_get_guint8(tvb, at) == kSynchronises) {
      ++at;
      continue;
    }
    gint next = tvb_find_guint8(tvb, at, -1, '\n');
    if (next < 0 && pinfo->can_desegment != 0) {
      pinfo->desegment_offset = at;
      pinfo->desegment_len = DESEGMENT_ONE_MORE_SEGMENT;
      return size;
    }
    next = next < 0 ? size : next;
    if (next > at && jsonHandle != nullptr) {
      col_set_writable(pinfo->cinfo, -1, FALSE);
      TRY {
        call_dissector_only(jsonHandle, tvb_new_subset_length(tvb, at, next - at), pinfo, tree,
                            nullptr);
      }
      FINALLY {
        col_set_writable(pinfo->cinfo, -1, TRUE);
      }
      ENDTRY;
    }
    at = next + 1;
  }
  return size;
}

}  // namespace

void registerJsonLines() {
  const int protocol =
      proto_register_protocol("JSON lines over vsock", "JSON lines", "vsockmon.json");
  linesHandle = register_dissector("vsockmon.json", dissectLines, protocol);
}

dissector_handle_t jsonLines() {
  return linesHandle;
}

void findJsonDissector() {
  jsonHandle = find_dissector("json");
}

}  // namespace vsdump
