// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "dissector/filter/ast.h"
#include "dissector/filter/lexer.h"

namespace vsdump::filter {

struct BinaryOperator {
  std::string_view sign;
  Operator op;
  int strength;  ///< the stronger binds first, as in pcap-filter(7)
};
inline constexpr std::array kOperators = {
    BinaryOperator{"|", Operator::Or, 1},          BinaryOperator{"^", Operator::Xor, 2},
    BinaryOperator{"&", Operator::And, 3},         BinaryOperator{"<<", Operator::ShiftLeft, 4},
    BinaryOperator{">>", Operator::ShiftRight, 4}, BinaryOperator{"+", Operator::Add, 5},
    BinaryOperator{"-", Operator::Sub, 5},         BinaryOperator{"*", Operator::Mul, 6},
    BinaryOperator{"/", Operator::Div, 6},         BinaryOperator{"%", Operator::Mod, 6},
};

struct RelationSign {
  std::string_view sign;
  RelationOp op;
  RelationOp mirrored;  ///< with the sides exchanged
};
inline constexpr std::array kRelations = {
    RelationSign{"=", RelationOp::Equal, RelationOp::Equal},
    RelationSign{"==", RelationOp::Equal, RelationOp::Equal},
    RelationSign{"!=", RelationOp::NotEqual, RelationOp::NotEqual},
    RelationSign{"<", RelationOp::Less, RelationOp::Greater},
    RelationSign{"<=", RelationOp::LessOrEqual, RelationOp::GreaterOrEqual},
    RelationSign{">", RelationOp::Greater, RelationOp::Less},
    RelationSign{">=", RelationOp::GreaterOrEqual, RelationOp::LessOrEqual},
};

template <typename Rows>
auto findSign(const Rows& rows, const Token& token) -> const typename Rows::value_type* {
  if (token.kind != TokenKind::Sign) return nullptr;
  const auto row = std::ranges::find(rows, token.spelling, &Rows::value_type::sign);
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace vsdump::filter
