// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace vsdump::support {

/// A schema of docs/, by the word that its records begin with: "packet".
class JsonSchema {
 public:
  explicit JsonSchema(const std::string& record)
      : document_(read(std::string(VSDUMP_SOURCE_DIR) + "/docs/" + record + ".schema.json")),
        schema_(document_) {}

  /// What the schema, or the JSON parser, has against a line; empty for nothing.
  std::string complaint(const std::string& line) const {
    rapidjson::Document record;
    constexpr unsigned kStrict = rapidjson::kParseValidateEncodingFlag;
    if (record.Parse<kStrict>(line.c_str(), line.size()).HasParseError()) {
      return rapidjson::GetParseError_En(record.GetParseError());
    }
    rapidjson::SchemaValidator validator(schema_);
    if (record.Accept(validator)) return "";
    rapidjson::StringBuffer where;
    validator.GetInvalidDocumentPointer().StringifyUriFragment(where);
    return std::string(validator.GetInvalidSchemaKeyword()) + " at " + where.GetString();
  }

  /// The words of the enumeration that a pointer leads to.
  std::set<std::string> enumAt(const char* pointer) const {
    std::set<std::string> words;
    const rapidjson::Value* const values = rapidjson::Pointer(pointer).Get(document_);
    if (values == nullptr) return words;
    for (const auto& value : values->GetArray()) {
      if (value.IsString()) words.insert(value.GetString());
    }
    return words;
  }

  /// The names of all keys, those of inner objects included.
  std::set<std::string> keys() const {
    std::set<std::string> names;
    collect(document_, names);
    return names;
  }

 private:
  static rapidjson::Document read(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    rapidjson::Document document;
    document.Parse(text.str().c_str());
    return document;
  }

  static void collect(const rapidjson::Value& value, std::set<std::string>& names) {
    if (value.IsArray()) {
      for (const auto& each : value.GetArray()) collect(each, names);
    }
    if (!value.IsObject()) return;
    for (const auto& member : value.GetObject()) {
      if (std::string_view(member.name.GetString()) == "properties") {
        for (const auto& key : member.value.GetObject()) names.insert(key.name.GetString());
      }
      collect(member.value, names);
    }
  }

  rapidjson::Document document_;
  rapidjson::SchemaDocument schema_;
};

}  // namespace vsdump::support
