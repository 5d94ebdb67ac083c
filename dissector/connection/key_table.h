// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vsdump {

/// A hash table of indices that knows their hashes only: the keys stay where the indices point.
/// Open addressing with linear probing, eight bytes a place, at most two thirds full.
class KeyTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// The index with this hash for which `isIt(index)` is true, or kNone.
  template <typename IsIt>
  std::uint32_t find(std::uint32_t hash, IsIt&& isIt) const {
    for (std::size_t at = hash & mask_; places_[at].index != kNone; at = (at + 1) & mask_) {
      if (places_[at].hash == hash && isIt(places_[at].index)) return places_[at].index;
    }
    return kNone;
  }

  /// Adds an index whose key is not in the table.
  void insert(std::uint32_t hash, std::uint32_t index) {
    if ((count_ + 1) * 3 > places_.size() * 2) grow();
    put(hash, index);
    ++count_;
  }

  /// Takes out an index that is in the table under this hash.
  void erase(std::uint32_t hash, std::uint32_t index) {
    std::size_t hole = hash & mask_;
    while (places_[hole].index != index) hole = (hole + 1) & mask_;
    // Entries behind the hole move up where their own place allows it, so no marks are left over.
    for (std::size_t at = (hole + 1) & mask_; places_[at].index != kNone; at = (at + 1) & mask_) {
      const std::size_t home = places_[at].hash & mask_;
      if (((at - home) & mask_) < ((at - hole) & mask_)) continue;
      places_[hole] = places_[at];
      hole = at;
    }
    places_[hole] = Place{};
    --count_;
  }

  std::size_t size() const { return count_; }

 private:
  struct Place {
    std::uint32_t hash = 0;
    std::uint32_t index = kNone;
  };

  void put(std::uint32_t hash, std::uint32_t index) {
    std::size_t at = hash & mask_;
    while (places_[at].index != kNone) at = (at + 1) & mask_;
    places_[at] = {hash, index};
  }

  void grow() {
    std::vector<Place> old(places_.size() * 2);
    old.swap(places_);
    mask_ = places_.size() - 1;
    for (const Place& place : old) {
      if (place.index != kNone) put(place.hash, place.index);
    }
  }

  std::vector<Place> places_ = std::vector<Place>(1024);
  std::size_t mask_ = 1023;
  std::size_t count_ = 0;
};

}  // namespace vsdump
