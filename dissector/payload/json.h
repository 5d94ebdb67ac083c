// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vsdump::payload {

/// A JSON object from the wire, of which single members are asked for. Whatever the text, reading
/// it takes no more memory than some times its length, and does not recurse.
class JsonObject {
 public:
  /// Nothing where the text is no whole object.
  static std::optional<JsonObject> parse(std::string_view text);
  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;
  ~JsonObject();

  bool has(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  /// A whole number that is not negative; true is 1 and false 0.
  std::optional<std::uint64_t> number(std::string_view key) const;
  /// The same of an object in this object.
  std::optional<std::string> text(std::string_view object, std::string_view key) const;
  /// The sum of the numbers that the objects of an array have under a key.
  std::optional<std::uint64_t> sum(std::string_view array, std::string_view key) const;

 private:
  struct Document;
  explicit JsonObject(std::unique_ptr<Document> document);

  std::unique_ptr<Document> document_;
};

}  // namespace vsdump::payload
