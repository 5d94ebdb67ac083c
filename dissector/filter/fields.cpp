// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/fields.h"

#include <array>

namespace vsdump::filter {

namespace {

using enum Field;
using enum FieldHome;

constexpr std::array kFields = {
    FieldRow{Len, Record, 0, 0, "len"},
    FieldRow{Caplen, Record, 0, 0, "caplen"},
    FieldRow{SrcCid, Monitor, 0, 8, "src_cid"},
    FieldRow{DstCid, Monitor, 8, 8, "dst_cid"},
    FieldRow{SrcPort, Monitor, 16, 4, "src_port"},
    FieldRow{DstPort, Monitor, 20, 4, "dst_port"},
    FieldRow{MonitorOp, Monitor, 24, 2, ""},
    FieldRow{Transport, Monitor, 26, 2, ""},
    FieldRow{TransportLen, Monitor, 28, 2, ""},
    FieldRow{PayloadLen, Virtio, 56, 4, "payload_len"},
    FieldRow{Type, Virtio, 60, 2, ""},
    FieldRow{Op, Virtio, 62, 2, ""},
    FieldRow{Flags, Virtio, 64, 4, "flags"},
    FieldRow{BufAlloc, Virtio, 68, 4, "buf_alloc"},
    FieldRow{FwdCnt, Virtio, 72, 4, "fwd_cnt"},
};

}  // namespace

std::span<const FieldRow> fieldTable() {
  return kFields;
}

const FieldRow* findField(std::string_view word) {
  for (const FieldRow& row : kFields) {
    if (!word.empty() && row.word == word) return &row;
  }
  return nullptr;
}

}  // namespace vsdump::filter
