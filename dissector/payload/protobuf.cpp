// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/protobuf.h"

#include "dissector/payload/cursor.h"

namespace vsdump::payload {

std::optional<std::uint64_t> ProtobufReader::varint() {
  constexpr unsigned kMostBytes = 10;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < kMostBytes && i < rest_.size(); ++i) {
    const auto byte = std::to_integer<std::uint64_t>(rest_[i]);
    value |= (byte & 0x7F) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    rest_ = rest_.subspan(i + std::size_t{1});
    return value;
  }
  return std::nullopt;
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (!isWell_ || rest_.empty()) return std::nullopt;
  const auto fail = [&] {
    isWell_ = false;
    return std::nullopt;
  };
  const auto tag = varint();
  if (!tag || *tag >> 3 == 0 || *tag >> 3 > 0x1FFFFFFF) return fail();
  ProtobufField field{.number = static_cast<std::uint32_t>(*tag >> 3)};
  std::size_t length = 0;
  switch (*tag & 7) {
    case 0: {
      const auto value = varint();
      if (!value) return fail();
      field.value = *value;
      return field;
    }
    case 1:
    case 5: {
      length = (*tag & 7) == 1 ? 8 : 4;
      if (length > rest_.size()) return fail();
      Cursor cursor(rest_.first(length));
      field.value = length == 8 ? cursor.u64le() : cursor.u32le();
      break;
    }
    case 2: {
      const auto size = varint();
      if (!size || *size > rest_.size()) return fail();
      length = static_cast<std::size_t>(*size);
      field.isBytes = true;
      field.bytes = rest_.first(length);
      break;
    }
    default:
      return fail();
  }
  rest_ = rest_.subspan(length);
  return field;
}

std::optional<ProtobufField> protobufField(Bytes message, std::span<const std::uint8_t> path) {
  if (path.empty()) return std::nullopt;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number != path.front()) continue;
    if (path.size() == 1) return field;
    return field->isBytes ? protobufField(field->bytes, path.subspan(1)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace vsdump::payload
