// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace vsdump {

/// The two digits of every number below 100, one after the other.
inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
  }
  return pairs;
}();

/// Writes a number below 100 with both digits, and returns the end.
inline char* writeTwoDigits(char* to, std::uint64_t value) {
  std::memcpy(to, kDigitPairs.data() + 2 * value, 2);
  return to + 2;
}

/// The digits of every number below 1000, without leading zeros, and how many these are.
struct SmallNumber {
  std::array<char, 3> digits;
  std::uint8_t length;
};
inline constexpr auto kSmallNumbers = [] {
  std::array<SmallNumber, 1000> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    SmallNumber& number = numbers[i];
    for (std::size_t unit = 100; unit > 0; unit /= 10) {
      if (i < unit && unit > 1) continue;
      number.digits[number.length++] = static_cast<char>('0' + i / unit % 10);
    }
  }
  return numbers;
}();

/// The digits of the largest number.
inline constexpr std::size_t kLongestNumber = 20;

/// Writes a number and returns its end. `to` has room for kLongestNumber digits.
inline char* writeDecimal(char* to, std::uint64_t value) {
  if (value < 1000) {
    // Of a length that is known, so that it is one store; what is too much of it is written over.
    // Lengths by a look, too: which of them comes next is hard to foresee, and a wrong guess costs
    // more than all the rest.
    const SmallNumber& number = kSmallNumbers[value];
    std::memcpy(to, &number, sizeof number);
    return to + number.length;
  }
  // The compiler turns divisions by constants into multiplications.
  to = writeDecimal(to, value / 1000);
  *to++ = static_cast<char>('0' + value % 1000 / 100);
  return writeTwoDigits(to, value % 100);
}

/// Writes a number as writeDecimal() does, with the same steps for each below 10^8: where small
/// ones and large ones take turns, a jump that depends on the size costs more than these.
inline char* writeUpToEightDigits(char* to, std::uint32_t value) {
  if (value >= 100'000'000) return writeDecimal(to, value);
  // All digits at once: a number splits into two halves of it, four parts, eight digits, each in
  // the lower part of its place. The first digit is in the lowest byte.
  const std::uint64_t halves = value / 10'000 | std::uint64_t{value % 10'000} << 32;
  const std::uint64_t hundreds = ((halves * 10'486) >> 20) & 0x7F'0000'007F;
  const std::uint64_t pairs = hundreds | (halves - 100 * hundreds) << 16;
  const std::uint64_t tens = ((pairs * 103) >> 10) & 0x000F'000F'000F'000F;
  const std::uint64_t digits = tens | (pairs - 10 * tens) << 8;
  // Without leading zeros, but for the last digit.
  const auto zeros = static_cast<unsigned>(std::countr_zero(digits | std::uint64_t{1} << 56)) / 8;
  std::uint64_t text = (digits | 0x3030'3030'3030'3030) >> (8 * zeros);
  if constexpr (std::endian::native == std::endian::big) text = __builtin_bswap64(text);
  std::memcpy(to, &text, sizeof(text));
  return to + 8 - zeros;
}

/// Copies a text and returns its end. Inlined, so that a literal becomes one or two stores; names,
/// which are short, take two as well, and no call.
[[gnu::always_inline]] inline char* writeText(char* to, std::string_view text) {
  const std::size_t size = text.size();
  if (!__builtin_constant_p(size) && size >= 4 && size <= 16) {
    // From both ends; what is in the middle is copied twice.
    if (size < 8) {
      std::memcpy(to, text.data(), 4);
      std::memcpy(to + size - 4, text.data() + size - 4, 4);
    } else {
      std::memcpy(to, text.data(), 8);
      std::memcpy(to + size - 8, text.data() + size - 8, 8);
    }
  } else {
    std::memcpy(to, text.data(), size);
  }
  return to + size;
}

/// A text of at most `kRoom` characters that is copied often: as a whole, whatever its length,
/// since a copy of a size that the compiler knows is a few stores. What is too much of it is to be
/// written over.
template <std::size_t kRoom>
class ReadyText {
 public:
  static_assert(kRoom <= 255);

  /// Returns the text's end. `to` has room for kRoom characters.
  [[gnu::always_inline]] char* write(char* to) const {
    std::memcpy(to, text_.data(), kRoom);
    return to + length_;
  }

  void clear() { length_ = 0; }
  /// Whether there was room for it; else nothing is appended.
  bool append(std::string_view text) {
    if (text.size() > kRoom - length_) return false;
    std::copy(text.begin(), text.end(), text_.begin() + length_);
    length_ = static_cast<std::uint8_t>(length_ + text.size());
    return true;
  }

 private:
  std::array<char, kRoom> text_{};
  std::uint8_t length_ = 0;
};

/// Writes a number in hexadecimal digits and returns its end. `to` has room for 16 of them.
inline char* writeHex(char* to, std::uint64_t value) {
  return std::to_chars(to, to + 16, value, 16).ptr;
}

/// Where lines of text grow until they are written out: appends without a check per character and
/// without an allocation per line.
class LineBuffer {
 public:
  std::string_view text() const { return {storage_.get(), size_}; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  [[gnu::always_inline]] void put(char c) { *room(1) = c, ++size_; }

  [[gnu::always_inline]] void put(std::string_view text) {
    writeText(room(text.size()), text);
    size_ += text.size();
  }

  void putDecimal(std::uint64_t value) {
    char* const to = room(kLongestNumber);
    size_ += static_cast<std::size_t>(writeDecimal(to, value) - to);
  }

  void putSigned(std::int64_t value) {
    if (value < 0) put('-');
    putDecimal(value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                         : static_cast<std::uint64_t>(value));
  }

  /// At least `width` characters, filled with `fill` on the left.
  void putDecimal(std::uint64_t value, std::size_t width, char fill) {
    char digits[kLongestNumber];
    const auto length = static_cast<std::size_t>(writeDecimal(digits, value) - digits);
    for (std::size_t i = length; i < width; ++i) put(fill);
    put(std::string_view(digits, length));
  }

  void putHex(std::uint64_t value) {
    char* const to = room(kLongestNumber);
    size_ += static_cast<std::size_t>(std::to_chars(to, to + kLongestNumber, value, 16).ptr - to);
  }

  /// Room for `count` more characters, to be filled by the caller and taken with advance().
  [[gnu::always_inline]] char* room(std::size_t count) {
    if (capacity_ - size_ < count) [[unlikely]] {
      grow(count);
    }
    return storage_.get() + size_;
  }
  void advance(std::size_t count) { size_ += count; }
  /// The same, up to `end`.
  void advanceTo(const char* end) { size_ = static_cast<std::size_t>(end - storage_.get()); }

 private:
  static constexpr std::size_t kLeast = 4096;

  [[gnu::noinline]] void grow(std::size_t count) {
    const std::size_t capacity = std::max(kLeast, (size_ + count) * 2);
    auto storage = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ != 0) std::memcpy(storage.get(), storage_.get(), size_);
    storage_ = std::move(storage);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace vsdump
