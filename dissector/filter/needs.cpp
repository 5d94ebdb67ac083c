// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/filter/needs.h"

#include <algorithm>
#include <span>

#include "dissector/names/cid_names.h"

namespace vsdump::filter {

namespace {

std::span<const ExpressionPtr> operandsOf(const Expression& expression) {
  if (const auto* inverted = std::get_if<Not>(&expression.what)) return {&inverted->operand, 1};
  if (const auto* all = std::get_if<AllOf>(&expression.what)) return all->operands;
  if (const auto* any = std::get_if<AnyOf>(&expression.what)) return any->operands;
  return {};
}

/// What a condition that joins no others needs.
Need ownNeed(const Expression& expression) {
  if (std::holds_alternative<FindingIs>(expression.what) ||
      std::holds_alternative<StateIs>(expression.what)) {
    return Need::Capture;
  }
  if (std::holds_alternative<NumberIs>(expression.what) ||
      std::holds_alternative<ServiceIs>(expression.what)) {
    return Need::Connection;
  }
  if (const auto* cid = std::get_if<CidIs>(&expression.what)) {
    // CID 1 stands in each record of loopback.
    const bool isLocal = std::ranges::all_of(cid->cids, [](Cid one) { return one == kCidLocal; });
    return cid->side == AddressSide::Either && !isLocal ? Need::Loopback : Need::Record;
  }
  if (const auto* connection = std::get_if<ConnectionIs>(&expression.what)) {
    const bool isLocal = connection->one.cid == kCidLocal || connection->other.cid == kCidLocal;
    return isLocal ? Need::Loopback : Need::Record;
  }
  return Need::Record;
}

}  // namespace

Need needOf(const Expression& expression) {
  Need need = ownNeed(expression);
  for (const ExpressionPtr& operand : operandsOf(expression)) {
    need = std::max(need, needOf(*operand));
  }
  return need;
}

const Expression* firstThatNeeds(const Expression& expression, Need need) {
  if (ownNeed(expression) >= need) return &expression;
  for (const ExpressionPtr& operand : operandsOf(expression)) {
    if (const Expression* found = firstThatNeeds(*operand, need)) return found;
  }
  return nullptr;
}

FindingSet findingsOfPackets(const Expression& expression) {
  const auto* finding = std::get_if<FindingIs>(&expression.what);
  FindingSet findings = finding != nullptr && finding->isOfPacket ? finding->findings : 0;
  for (const ExpressionPtr& operand : operandsOf(expression)) {
    findings |= findingsOfPackets(*operand);
  }
  return findings;
}

}  // namespace vsdump::filter
