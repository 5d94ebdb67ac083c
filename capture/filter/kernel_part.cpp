// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/filter/kernel_part.h"

#include <variant>

#include "dissector/filter/needs.h"
#include "dissector/names/cid_names.h"

namespace vsdump {

namespace {

using namespace filter;

class Split {
 public:
  explicit Split(KernelScope scope) : scope_(scope) {}

  /// What cannot be decided becomes what lets more packets pass: true, or below an odd number of
  /// Nots false.
  ExpressionPtr of(const ExpressionPtr& expression, bool isNegated) {
    if (const auto* inverted = std::get_if<Not>(&expression->what)) {
      return negated(of(inverted->operand, !isNegated));
    }
    if (const auto* all = std::get_if<AllOf>(&expression->what)) {
      return allOf(each(all->operands, isNegated));
    }
    if (const auto* any = std::get_if<AnyOf>(&expression->what)) {
      return anyOf(each(any->operands, isNegated));
    }
    if (isForKernel(*expression)) return isNegated ? sparingLoopback(expression) : expression;
    isDecided_ = false;
    return makeExpression(Constant{!isNegated});
  }

  bool isDecided() const { return isDecided_; }

 private:
  /// For a condition below a Not. Whose reply a packet over loopback is, vsdump knows from the
  /// REQUEST: the kernel must not take that one away.
  static ExpressionPtr sparingLoopback(const ExpressionPtr& expression) {
    if (needOf(*expression) != Need::Loopback) return expression;
    const auto isLocal = makeExpression(CidIs{AddressSide::Either, {kCidLocal}});
    return allOf({expression, negated(isLocal)});
  }

  std::vector<ExpressionPtr> each(const std::vector<ExpressionPtr>& operands, bool isNegated) {
    std::vector<ExpressionPtr> parts;
    parts.reserve(operands.size());
    for (const ExpressionPtr& operand : operands) parts.push_back(of(operand, isNegated));
    return parts;
  }

  bool isForKernel(const Expression& expression) const {
    if (std::holds_alternative<PayloadContains>(expression.what)) return false;
    if (needOf(expression) >= Need::Connection) return false;
    return scope_ == KernelScope::Packets || isOfConnections(expression);
  }

  static bool isOfConnections(const Expression& expression) {
    if (const auto* cid = std::get_if<CidIs>(&expression.what))
      return cid->side == AddressSide::Either;
    if (const auto* port = std::get_if<PortIn>(&expression.what))
      return port->side == AddressSide::Either;
    if (const auto* fieldIs = std::get_if<FieldIs>(&expression.what)) {
      return fieldIs->field == Field::Type;
    }
    return std::holds_alternative<ConnectionIs>(expression.what) ||
           std::holds_alternative<Constant>(expression.what);
  }

  KernelScope scope_;
  bool isDecided_ = true;
};

}  // namespace

SplitFilter kernelPart(const Filter& filter, KernelScope scope) {
  Split split(scope);
  Filter kernel(split.of(filter.expression(), false));
  return {.kernel = std::move(kernel), .isDecided = split.isDecided()};
}

}  // namespace vsdump
