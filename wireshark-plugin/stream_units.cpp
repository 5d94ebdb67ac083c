// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/stream_units.h"

#include <algorithm>

namespace vsdump {

namespace {

std::uint64_t keyOf(ConnectionId connection, Direction direction) {
  return std::uint64_t{raw(connection)} << 1 | index(direction);
}

/// How many bytes are to be shown the next time, of which so many are there.
std::size_t wantedOf(std::size_t kept, std::uint32_t more) {
  if (more == DESEGMENT_UNTIL_FIN) return SIZE_MAX;
  return kept + (more == DESEGMENT_ONE_MORE_SEGMENT ? 1 : more);
}

}  // namespace

StreamUnits::Shown StreamUnits::take(const Piece& piece, bool waits, wmem_allocator_t* scope) {
  const auto count = static_cast<std::uint32_t>(piece.bytes.size());
  const Shown own{.lengthBytes = count, .firstFrame = piece.frame, .mayAsk = piece.isWhole};
  Way* way = wayOf(piece.connection, piece.direction);
  if (way != nullptr && (piece.offset != way->next || !piece.isWhole ||
                         way->kept.size() + piece.bytes.size() > kMostBytes)) {
    forget(piece.connection, piece.direction);
    way = nullptr;
  }
  if (way == nullptr) {
    if (!waits || !piece.isWhole) return own;
    way = &ways_[keyOf(piece.connection, piece.direction)];
    way->firstFrame = piece.frame;
    way->next = piece.offset;
  }
  Unit& unit = unitOf(piece.frame);
  unit.firstFrame = way->firstFrame;
  unit.laterBytes = count;
  way->units.push_back(static_cast<std::size_t>(&unit - units_.data()));
  way->kept.insert(way->kept.end(), piece.bytes.begin(), piece.bytes.end());
  way->next += count;
  if (waits || way->kept.size() < way->wants) return {};
  return {
      .joined = static_cast<const guint8*>(wmem_memdup(scope, way->kept.data(), way->kept.size())),
      .lengthBytes = static_cast<std::uint32_t>(way->kept.size()),
      .firstFrame = way->firstFrame,
      .mayAsk = true};
}

void StreamUnits::answered(const Piece& piece, const Shown& shown, std::uint32_t offset,
                           std::uint32_t more) {
  const auto count = static_cast<std::uint32_t>(piece.bytes.size());
  const std::uint32_t finished =
      more == 0 ? shown.lengthBytes : std::min(offset, shown.lengthBytes);
  const std::uint32_t rest = shown.lengthBytes - finished;
  if (shown.joined == nullptr && rest == 0) return;
  Way& way = ways_[keyOf(piece.connection, piece.direction)];
  Unit& unit = unitOf(piece.frame);
  if (shown.joined == nullptr) {
    way.kept.assign(piece.bytes.begin() + finished, piece.bytes.end());
    way.next = piece.offset + count;
    unit.firstFrame = piece.frame;
    unit.lengthBytes = finished;
  } else if (finished != 0) {
    unit.joined =
        static_cast<const guint8*>(wmem_memdup(wmem_file_scope(), way.kept.data(), finished));
    unit.lengthBytes = finished;
    for (const std::size_t at : way.units) units_[at].laterFrame = piece.frame;
    unit.laterFrame = 0;
    way.kept.erase(way.kept.begin(), way.kept.begin() + finished);
  }
  unit.laterBytes = std::min(rest, count);
  if (shown.joined == nullptr || finished != 0) {
    if (rest <= count) way.firstFrame = piece.frame;
    way.units.assign(1, static_cast<std::size_t>(&unit - units_.data()));
  }
  way.wants = wantedOf(way.kept.size(), more);
  const bool isGuess = more == DESEGMENT_ONE_MORE_SEGMENT;
  const bool isTooMuch =
      more != DESEGMENT_UNTIL_FIN && way.wants > (isGuess ? kMostGuessedBytes : kMostBytes);
  if (rest == 0 || isTooMuch) forget(piece.connection, piece.direction);
}

StreamUnits::Shown StreamUnits::end(ConnectionId connection, Direction direction,
                                    std::uint32_t frame) {
  Way* way = wayOf(connection, direction);
  if (way == nullptr) return {};
  Unit& unit = unitOf(frame);
  unit.firstFrame = way->firstFrame;
  unit.lengthBytes = static_cast<std::uint32_t>(way->kept.size());
  unit.joined = static_cast<const guint8*>(
      wmem_memdup(wmem_file_scope(), way->kept.data(), way->kept.size()));
  for (const std::size_t at : way->units) units_[at].laterFrame = frame;
  forget(connection, direction);
  return {.joined = unit.joined, .lengthBytes = unit.lengthBytes, .firstFrame = unit.firstFrame};
}

const Unit* StreamUnits::of(std::uint32_t frame) const {
  const auto found = std::ranges::lower_bound(units_, frame, {}, &Unit::frame);
  return found != units_.end() && found->frame == frame ? &*found : nullptr;
}

StreamUnits::Way* StreamUnits::wayOf(ConnectionId connection, Direction direction) {
  if (ways_.empty()) return nullptr;
  const auto found = ways_.find(keyOf(connection, direction));
  return found == ways_.end() ? nullptr : &found->second;
}

void StreamUnits::forget(ConnectionId connection, Direction direction) {
  ways_.erase(keyOf(connection, direction));
}

Unit& StreamUnits::unitOf(std::uint32_t frame) {
  if (units_.empty() || units_.back().frame != frame) units_.push_back({.frame = frame});
  return units_.back();
}

}  // namespace vsdump
