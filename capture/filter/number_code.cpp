// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/filter/number_code.h"

#include <algorithm>
#include <variant>

namespace vsdump {

namespace {

using namespace filter;

/// The kernel gives offsets from 2^31 up meanings of their own; no packet reaches this one.
constexpr std::uint32_t kBeyondAnyPacket = 0x7FFFFFFF;

unsigned widthCode(std::uint8_t sizeBytes) {
  if (sizeBytes == 1) return BPF_B;
  return sizeBytes == 2 ? BPF_H : BPF_W;
}

unsigned aluCode(Operator op) {
  switch (op) {
    case Operator::Add:
      return BPF_ADD;
    case Operator::Sub:
      return BPF_SUB;
    case Operator::Mul:
      return BPF_MUL;
    case Operator::Div:
      return BPF_DIV;
    case Operator::Mod:
      return BPF_MOD;
    case Operator::And:
      return BPF_AND;
    case Operator::Or:
      return BPF_OR;
    case Operator::Xor:
      return BPF_XOR;
    case Operator::ShiftLeft:
      return BPF_LSH;
    case Operator::ShiftRight:
      return BPF_RSH;
  }
  return BPF_ADD;
}

class Computation {
 public:
  explicit Computation(std::uint32_t snapshotLength) : snapshotLength_(snapshotLength) {}

  /// Leaves the number in A; X and the memory from `slot` on are changed.
  bool put(const Number& number, std::uint32_t slot) {
    return std::visit([&](const auto& what) { return put(what, slot); }, number.what);
  }

  NumberCode code{};

 private:
  void add(unsigned instructionCode, std::uint32_t k = 0) {
    code.push_back(instruction(instructionCode, k));
  }
  void add(const NumberCode& more) { code.insert(code.end(), more.begin(), more.end()); }

  bool put(const Literal& literal, std::uint32_t) {
    add(BPF_LD | BPF_IMM, literal.value);
    return true;
  }

  bool put(const FieldValue& field, std::uint32_t slot) {
    if (field.field == Field::Len) {
      add(BPF_LD | BPF_W | BPF_LEN);
      return true;
    }
    if (field.field == Field::Caplen) return putCapturedLength(slot);
    const FieldRow& row = rowOf(field.field);
    add(loadLittleEndian(row.offset, row.sizeBytes));
    return true;
  }

  /// The smaller of the packet's length and the snapshot length, without a jump: the length divided
  /// by one more than the limit is 0 exactly when it is within the limit.
  bool putCapturedLength(std::uint32_t slot) {
    if (slot + 1 >= BPF_MEMWORDS) return false;
    add(BPF_LD | BPF_W | BPF_LEN);
    if (snapshotLength_ == 0xFFFFFFFF) return true;
    add(BPF_ST, slot);
    add(BPF_ALU | BPF_DIV | BPF_K, snapshotLength_ + 1);
    putOneIfSmall();
    add(BPF_ST, slot + 1);
    add(BPF_MISC | BPF_TAX);
    add(BPF_LD | BPF_MEM, slot);
    add(BPF_ALU | BPF_MUL | BPF_X);
    add(BPF_ST, slot);
    add(BPF_LD | BPF_MEM, slot + 1);
    add(BPF_ALU | BPF_XOR | BPF_K, 1);
    add(BPF_ALU | BPF_MUL | BPF_K, snapshotLength_);
    add(BPF_LDX | BPF_MEM, slot);
    add(BPF_ALU | BPF_ADD | BPF_X);
    return true;
  }

  /// Makes 1 of 0, and 0 of all other numbers up to 2^31.
  void putOneIfSmall() {
    add(BPF_ALU | BPF_SUB | BPF_K, 1);
    add(BPF_ALU | BPF_RSH | BPF_K, 31);
  }

  bool put(const Load& load, std::uint32_t slot) {
    const unsigned width = widthCode(load.sizeBytes);
    if (const auto* literal = std::get_if<Literal>(&load.index->what)) {
      add(BPF_LD | width | BPF_ABS, std::min(literal->value, kBeyondAnyPacket));
      return true;
    }
    if (slot >= BPF_MEMWORDS || !put(*load.index, slot)) return false;
    // An index from 2^31 up becomes one that no packet reaches.
    add(BPF_ST, slot);
    add(BPF_ALU | BPF_RSH | BPF_K, 31);
    add(BPF_ALU | BPF_MUL | BPF_K, kBeyondAnyPacket);
    add(BPF_LDX | BPF_MEM, slot);
    add(BPF_ALU | BPF_OR | BPF_X);
    add(BPF_ALU | BPF_AND | BPF_K, kBeyondAnyPacket);
    add(BPF_MISC | BPF_TAX);
    add(BPF_LD | width | BPF_IND, 0);
    return true;
  }

  bool put(const Binary& both, std::uint32_t slot) {
    if (const auto* literal = std::get_if<Literal>(&both.right->what)) {
      if (!put(*both.left, slot)) return false;
      add(BPF_ALU | aluCode(both.op) | BPF_K, literal->value);
      return true;
    }
    if (slot >= BPF_MEMWORDS) return false;
    if (both.op == Operator::ShiftLeft || both.op == Operator::ShiftRight) {
      return put(*both.right, slot) && putShift(both, slot);
    }
    if (std::holds_alternative<Binary>(both.left->what)) {
      // The longer side first, so that a long sum needs no more memory than a short one.
      if (!put(*both.left, slot)) return false;
      add(BPF_ST, slot);
      if (!put(*both.right, slot + 1)) return false;
      add(BPF_MISC | BPF_TAX);
      add(BPF_LD | BPF_MEM, slot);
    } else {
      if (!put(*both.right, slot)) return false;
      add(BPF_ST, slot);
      if (!put(*both.left, slot + 1)) return false;
      add(BPF_LDX | BPF_MEM, slot);
    }
    add(BPF_ALU | aluCode(both.op) | BPF_X);
    return true;
  }

  /// The distance is in A. What interpreters do about 32 and more differs, so the shifted number is
  /// multiplied by 0 then.
  bool putShift(const Binary& both, std::uint32_t slot) {
    if (slot + 1 >= BPF_MEMWORDS) return false;
    add(BPF_MISC | BPF_TAX);
    add(BPF_ALU | BPF_AND | BPF_K, 31);
    add(BPF_ST, slot);
    add(BPF_MISC | BPF_TXA);
    add(BPF_ALU | BPF_RSH | BPF_K, 5);
    putOneIfSmall();
    add(BPF_ST, slot + 1);
    if (!put(*both.left, slot + 2)) return false;
    add(BPF_LDX | BPF_MEM, slot);
    add(BPF_ALU | aluCode(both.op) | BPF_X);
    add(BPF_LDX | BPF_MEM, slot + 1);
    add(BPF_ALU | BPF_MUL | BPF_X);
    return true;
  }

  std::uint32_t snapshotLength_;
};

}  // namespace

bpf_insn instruction(unsigned code, std::uint32_t k) {
  return {.code = static_cast<u_short>(code), .jt = 0, .jf = 0, .k = k};
}

NumberCode loadSwapped(const FieldRow& field) {
  return {instruction(BPF_LD | widthCode(field.sizeBytes) | BPF_ABS, field.offset)};
}

NumberCode loadLittleEndian(std::uint32_t offset, std::uint8_t sizeBytes) {
  std::uint32_t last = offset + sizeBytes - 1;
  NumberCode code = {instruction(BPF_LD | BPF_B | BPF_ABS, last)};
  while (last > offset) {
    code.push_back(instruction(BPF_ALU | BPF_LSH | BPF_K, 8));
    code.push_back(instruction(BPF_MISC | BPF_TAX));
    code.push_back(instruction(BPF_LD | BPF_B | BPF_ABS, --last));
    code.push_back(instruction(BPF_ALU | BPF_OR | BPF_X));
  }
  return code;
}

std::optional<NumberCode> compute(const Number& number, std::uint32_t snapshotLengthBytes,
                                  std::uint32_t slot) {
  Computation computation(snapshotLengthBytes);
  if (!computation.put(number, slot)) return std::nullopt;
  return std::move(computation.code);
}

}  // namespace vsdump
