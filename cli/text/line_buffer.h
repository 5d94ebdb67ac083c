// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace vsdump {

/// Where lines of text grow until they are written out: appends without a check per character and
/// without an allocation per line.
class LineBuffer {
 public:
  std::string_view text() const { return {storage_.data(), size_}; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  void put(char c) { *room(1) = c, ++size_; }

  void put(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }

  void putDecimal(std::uint64_t value) {
    char* const to = room(kLongestNumber);
    size_ += static_cast<std::size_t>(std::to_chars(to, to + kLongestNumber, value).ptr - to);
  }

  void putSigned(std::int64_t value) {
    if (value < 0) put('-');
    putDecimal(value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                         : static_cast<std::uint64_t>(value));
  }

  /// At least `width` characters, filled with `fill` on the left.
  void putDecimal(std::uint64_t value, std::size_t width, char fill) {
    char digits[kLongestNumber];
    const char* const end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    const auto length = static_cast<std::size_t>(end - digits);
    for (std::size_t i = length; i < width; ++i) put(fill);
    put(std::string_view(digits, length));
  }

  void putHex(std::uint64_t value) {
    char* const to = room(kLongestNumber);
    size_ += static_cast<std::size_t>(std::to_chars(to, to + kLongestNumber, value, 16).ptr - to);
  }

  /// Room for `count` more characters, to be filled by the caller and taken with advance().
  char* room(std::size_t count) {
    if (storage_.size() - size_ < count) grow(count);
    return storage_.data() + size_;
  }
  void advance(std::size_t count) { size_ += count; }

 private:
  static constexpr std::size_t kLongestNumber = 20;

  void grow(std::size_t count) { storage_.resize((size_ + count) * 2); }

  std::vector<char> storage_ = std::vector<char>(std::size_t{64} * 1024);
  std::size_t size_ = 0;
};

}  // namespace vsdump
