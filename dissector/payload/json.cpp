// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/payload/json.h"

#include <rapidjson/document.h>

#include <utility>

namespace vsdump::payload {

namespace {

const rapidjson::Value* member(const rapidjson::Value& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  const rapidjson::Value name(
      rapidjson::StringRef(key.data(), static_cast<rapidjson::SizeType>(key.size())));
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::optional<std::string> textOf(const rapidjson::Value* value) {
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return std::string(value->GetString(), value->GetStringLength());
}

std::optional<std::uint64_t> numberOf(const rapidjson::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsBool()) return value->GetBool() ? 1 : 0;
  if (!value->IsUint64()) return std::nullopt;
  return value->GetUint64();
}

}  // namespace

struct JsonObject::Document {
  rapidjson::Document json;
};

JsonObject::JsonObject(std::unique_ptr<Document> document) : document_(std::move(document)) {}
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

std::optional<JsonObject> JsonObject::parse(std::string_view text) {
  auto document = std::make_unique<Document>();
  document->json.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document->json.HasParseError() || !document->json.IsObject()) return std::nullopt;
  return JsonObject(std::move(document));
}

bool JsonObject::has(std::string_view key) const {
  return member(document_->json, key) != nullptr;
}

std::optional<std::string> JsonObject::text(std::string_view key) const {
  return textOf(member(document_->json, key));
}

std::optional<std::uint64_t> JsonObject::number(std::string_view key) const {
  return numberOf(member(document_->json, key));
}

std::optional<std::string> JsonObject::text(std::string_view object, std::string_view key) const {
  const rapidjson::Value* inner = member(document_->json, object);
  return inner == nullptr ? std::nullopt : textOf(member(*inner, key));
}

std::optional<std::uint64_t> JsonObject::sum(std::string_view array, std::string_view key) const {
  const rapidjson::Value* list = member(document_->json, array);
  if (list == nullptr || !list->IsArray()) return std::nullopt;
  std::uint64_t total = 0;
  for (const rapidjson::Value& each : list->GetArray()) {
    const auto number = numberOf(member(each, key));
    if (!number) return std::nullopt;
    total += *number;
  }
  return total;
}

}  // namespace vsdump::payload
