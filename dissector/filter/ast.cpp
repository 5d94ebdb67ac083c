// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/ast.h"

#include <utility>

namespace vsdump::filter {

namespace {

/// `Joined` is AllOf or AnyOf; `neutral` is the constant that changes nothing in it.
template <typename Joined>
ExpressionPtr join(std::vector<ExpressionPtr> operands, bool neutral) {
  Joined joined;
  for (ExpressionPtr& operand : operands) {
    if (const auto* inner = std::get_if<Joined>(&operand->what)) {
      joined.operands.insert(joined.operands.end(), inner->operands.begin(), inner->operands.end());
      continue;
    }
    const auto* constant = std::get_if<Constant>(&operand->what);
    if (constant != nullptr && constant->value == neutral) continue;
    joined.operands.push_back(std::move(operand));
    if (constant != nullptr) break;  // decided: what follows is never looked at
  }
  if (joined.operands.empty()) return makeExpression(Constant{neutral});
  if (joined.operands.size() == 1) return joined.operands.front();
  return makeExpression(std::move(joined));
}

}  // namespace

ExpressionPtr allOf(std::vector<ExpressionPtr> operands) {
  return join<AllOf>(std::move(operands), true);
}

ExpressionPtr anyOf(std::vector<ExpressionPtr> operands) {
  return join<AnyOf>(std::move(operands), false);
}

ExpressionPtr negated(ExpressionPtr operand) {
  if (const auto* constant = std::get_if<Constant>(&operand->what)) {
    return makeExpression(Constant{!constant->value});
  }
  return makeExpression(Not{std::move(operand)});
}

NumberPtr binary(Operator op, NumberPtr left, NumberPtr right) {
  const auto* leftLiteral = std::get_if<Literal>(&left->what);
  const auto* rightLiteral = std::get_if<Literal>(&right->what);
  if (leftLiteral != nullptr && rightLiteral != nullptr) {
    if (const auto value = apply(op, leftLiteral->value, rightLiteral->value)) {
      return makeNumber(Literal{*value});
    }
  }
  return makeNumber(Binary{op, std::move(left), std::move(right)});
}

std::optional<std::uint32_t> apply(Operator op, std::uint32_t left, std::uint32_t right) {
  switch (op) {
    case Operator::Add:
      return left + right;
    case Operator::Sub:
      return left - right;
    case Operator::Mul:
      return left * right;
    case Operator::Div:
      return right == 0 ? std::nullopt : std::optional(left / right);
    case Operator::Mod:
      return right == 0 ? std::nullopt : std::optional(left % right);
    case Operator::And:
      return left & right;
    case Operator::Or:
      return left | right;
    case Operator::Xor:
      return left ^ right;
    case Operator::ShiftLeft:
      return right < 32 ? left << right : 0;
    case Operator::ShiftRight:
      return right < 32 ? left >> right : 0;
  }
  return std::nullopt;
}

bool holds(RelationOp op, std::uint64_t left, std::uint64_t right) {
  switch (op) {
    case RelationOp::Equal:
      return left == right;
    case RelationOp::NotEqual:
      return left != right;
    case RelationOp::Less:
      return left < right;
    case RelationOp::LessOrEqual:
      return left <= right;
    case RelationOp::Greater:
      return left > right;
    case RelationOp::GreaterOrEqual:
      return left >= right;
  }
  return false;
}

bool isServiceNamed(std::string_view service, std::string_view name) {
  return service.starts_with(name) &&
         (service.size() == name.size() || service[name.size()] == '-');
}

bool usesVirtio(const Number& number) {
  if (const auto* field = std::get_if<FieldValue>(&number.what)) {
    return rowOf(field->field).home == FieldHome::Virtio;
  }
  if (const auto* load = std::get_if<Load>(&number.what)) return usesVirtio(*load->index);
  if (const auto* both = std::get_if<Binary>(&number.what)) {
    return usesVirtio(*both->left) || usesVirtio(*both->right);
  }
  return false;
}

}  // namespace vsdump::filter
