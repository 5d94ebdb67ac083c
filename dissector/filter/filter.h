// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "dissector/filter/ast.h"
#include "dissector/filter/evaluate.h"
#include "dissector/filter/problem.h"
#include "dissector/names/service_names.h"
#include "dissector/wire/frame.h"

namespace vsdump::filter {

/// A condition on packets: what the words of a filter mean.
///
/// **Threads** immutable; copies share what they are made of.
class Filter {
 public:
  /// Selects all packets.
  Filter() : expression_(makeExpression(Constant{true})) {}
  explicit Filter(ExpressionPtr expression) : expression_(std::move(expression)) {}

  bool matches(const Frame& frame, const Facts& facts = {}) const {
    return filter::matches(*expression_, frame, facts);
  }

  const ExpressionPtr& expression() const { return expression_; }

  /// Whether it selects all packets, so that there is nothing to decide.
  bool takesAll() const {
    const auto* constant = std::get_if<Constant>(&expression_->what);
    return constant != nullptr && constant->value;
  }

 private:
  ExpressionPtr expression_;
};

/// Reads a filter; a text without words selects all packets. The grammar is grammarTable()'s.
/// Takes time in proportion to the text, and bounds its length and how deeply it may be nested.
tl::expected<Filter, Problem> parse(std::string_view text, const ServiceNames& services = {});

/// A filter that means the same, in one form of writing: names as words, groups in parentheses.
std::string toText(const Expression& expression);

}  // namespace vsdump::filter
