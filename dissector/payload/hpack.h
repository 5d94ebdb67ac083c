// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "dissector/wire/bytes.h"

struct nghttp2_hd_inflater;

namespace vsdump::payload {

/// Decompresses the header fields that go one way of an HTTP/2 connection.
///
/// A field may stand for one that was sent before. Where that one was not captured, no value is
/// made up: the table counts from its newest entry, so that a reader which begins anew finds either
/// the right entry or none.
///
/// **Source** RFC 7541, through libnghttp2.
class HpackReader {
 public:
  using Take = std::function<void(std::string_view name, std::string_view value)>;

  HpackReader();

  /// Calls `take` with each field of the next piece of a header block; `isLast` ends the block.
  /// False where a field could not be read: the rest of the block is unknown then, and the fields
  /// that it would have left behind are, too.
  bool read(Bytes piece, bool isLast, const Take& take);
  /// Bytes are missing: fields that were sent before are unknown from here on.
  void reset();

 private:
  struct Delete {
    void operator()(nghttp2_hd_inflater* inflater) const;
  };
  std::unique_ptr<nghttp2_hd_inflater, Delete> inflater_;
};

}  // namespace vsdump::payload
