// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// What the messages on one connection say of another: which address a stream of TSI stands for,
/// whose output Kata passes through a connection.
class Announcements : public Shared {
 public:
  struct Announcement {
    Port peerPort{};              ///< the port of the other end; 0 where it may be any
    std::string_view protocol{};  ///< of a literal
    std::string_view call{};      ///< of a literal: what the connection is
    Details details{};            ///< of the message that says so
    std::string standsFor{};      ///< the same in a word or two
  };

  /// One end of a connection.
  struct End {
    std::uint32_t source = 0;  ///< of the capture
    VirtioType type = VirtioType::Stream;
    Address address{};
    bool isServer = false;

    auto key() const { return std::tuple(source, type, address.cid, address.port, isServer); }
  };

  /// Takes the place of what was said of that end.
  void add(const End& end, Announcement announcement);
  void remove(const End& end) { known_.erase(end.key()); }
  /// Whether anything was said of that end.
  bool knows(const End& end) const { return known_.contains(end.key()); }
  /// What was said of a connection; nullptr for nothing. **Lifetime** until the next call of add().
  const Announcement* of(const StreamFacts& facts) const;

 private:
  static constexpr std::size_t kMost = 4096;
  using Key = std::tuple<std::uint32_t, VirtioType, Cid, Port, bool>;

  std::map<Key, Announcement> known_;
};

}  // namespace vsdump::payload
