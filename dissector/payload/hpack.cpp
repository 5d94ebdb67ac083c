// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/hpack.h"

#include <nghttp2/nghttp2.h>

namespace vsdump::payload {

namespace {

/// Up to which size senders may let the table grow. One that wants more loses what it refers to.
constexpr std::size_t kLargestTable = std::size_t{64} << 10;

std::string_view fieldText(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

HpackReader::HpackReader() {
  reset();
}

void HpackReader::Delete::operator()(nghttp2_hd_inflater* inflater) const {
  nghttp2_hd_inflate_del(inflater);
}

void HpackReader::reset() {
  nghttp2_hd_inflater* inflater = nullptr;
  if (nghttp2_hd_inflate_new(&inflater) != 0) inflater = nullptr;
  inflater_.reset(inflater);
  if (inflater_) nghttp2_hd_inflate_change_table_size(inflater_.get(), kLargestTable);
}

bool HpackReader::read(Bytes piece, bool isLast, const Take& take) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(piece.data());
  std::size_t left = piece.size();
  while (inflater_) {
    nghttp2_nv field{};
    int flags = 0;
    const auto used =
        nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, at, left, isLast ? 1 : 0);
    if (used < 0) break;
    at += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      take(fieldText(field.name, field.namelen), fieldText(field.value, field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
      nghttp2_hd_inflate_end_headers(inflater_.get());
      return true;
    }
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) return true;
  }
  reset();
  return false;
}

}  // namespace vsdump::payload
