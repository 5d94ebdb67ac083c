// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/key.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <unordered_map>

#include "dissector/connection/key_table.h"

namespace vsdump {
namespace {

VirtioHeader header(std::uint64_t srcCid, std::uint32_t srcPort, std::uint64_t dstCid,
                    std::uint32_t dstPort) {
  return {.src = {Cid{srcCid}, Port{srcPort}}, .dst = {Cid{dstCid}, Port{dstPort}}};
}

RC_GTEST_PROP(ConnectionKey, IsTheSameBothWays, ()) {
  const auto a = *rc::gen::arbitrary<std::uint32_t>();
  const auto b = *rc::gen::arbitrary<std::uint32_t>();
  const auto p = *rc::gen::arbitrary<std::uint32_t>();
  const auto q = *rc::gen::arbitrary<std::uint32_t>();
  RC_PRE(a != 1U && b != 1U && (a != b || p != q));
  const KeyedEnd there = keyOf(header(a, p, b, q), 0);
  const KeyedEnd back = keyOf(header(b, q, a, p), 0);
  RC_ASSERT(there.key == back.key);
  RC_ASSERT(there.isFromLow != back.isFromLow);
}

TEST(ConnectionKey, IsAnotherForAnotherSourceAndType) {
  VirtioHeader stream = header(3, 1, 2, 2);
  VirtioHeader dgram = stream;
  dgram.type = VirtioType::Dgram;
  EXPECT_NE(keyOf(stream, 0).key, keyOf(stream, 1).key);
  EXPECT_NE(keyOf(stream, 0).key, keyOf(dgram, 0).key);
}

TEST(KeyHash, SpreadsKeysThatDifferInOneField) {
  const KeyHash hash(1);
  std::set<std::uint32_t> seen;
  for (std::uint32_t i = 0; i < 10000; ++i)
    seen.insert(hash(keyOf(header(3, i, 2, 5000), 0).key) >> 4);
  EXPECT_GT(seen.size(), 9990U);
}

TEST(KeyHash, DiffersFromProcessToProcess) {
  const ConnectionKey key = keyOf(header(3, 1, 2, 2), 0).key;
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 8; ++i) seen.insert(KeyHash()(key));
  EXPECT_GT(seen.size(), 6U);
}

RC_GTEST_PROP(KeyTable, DoesAsAMapDoes, ()) {
  KeyTable table;
  std::unordered_map<std::uint32_t, std::uint32_t> model;  // index to hash
  for (std::uint32_t step = 0; step < 3000; ++step) {
    const auto index = *rc::gen::inRange<std::uint32_t>(0, 1500);
    if (const auto it = model.find(index); it != model.end()) {
      table.erase(it->second, index);
      model.erase(it);
    } else {
      const auto hash = *rc::gen::inRange<std::uint32_t>(1000, 1100);  // many collisions
      table.insert(hash, index);
      model.emplace(index, hash);
    }
  }
  RC_ASSERT(table.size() == model.size());
  for (const auto& [index, hash] : model) {
    RC_ASSERT(table.find(hash, [i = index](std::uint32_t other) { return other == i; }) == index);
  }
}

}  // namespace
}  // namespace vsdump
