// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "dissector/filter/filter.h"
#include "dissector/filter/primitives.h"
#include "tests/support/random_filters.h"

namespace vsdump::filter {
namespace {

/// How a filter is understood, in full.
std::string meaning(std::string_view text) {
  const auto filter = parse(text);
  if (!filter) return "refused: " + filter.error().message;
  return toText(*filter->expression());
}

/// What is said about a filter that is refused.
std::string refusal(std::string_view text) {
  const auto filter = parse(text);
  if (filter) return "taken: " + toText(*filter->expression());
  const Problem& problem = filter.error();
  return placeOf(problem, text) + ": " + problem.message +
         (problem.suggestion.empty() ? "" : ". " + problem.suggestion);
}

TEST(FilterParser, UnderstandsEachExample) {
  for (const PrimitiveRow& row : primitiveTable()) {
    EXPECT_TRUE(parse(row.example)) << row.example << ": " << refusal(row.example);
    EXPECT_TRUE(row.example.starts_with(row.word) || row.word == "caplen") << row.word;
  }
  for (const GrammarRow& row : grammarTable()) {
    EXPECT_TRUE(parse(row.example)) << row.example << ": " << refusal(row.example);
  }
}

TEST(FilterDocument, HasEachPrimitiveAndEachRule) {
  std::ifstream file(VSDUMP_SOURCE_DIR "/docs/filter.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  const auto has = [&](const std::string& line) {
    return document.find(line + '\n') != std::string::npos;
  };
  for (const PrimitiveRow& row : primitiveTable()) {
    std::string usage(row.word);
    if (!row.argument.empty() && !row.argument.starts_with('[')) usage += ' ';
    usage += row.argument;
    EXPECT_TRUE(has("| " + std::string(row.takesSide ? "[src\\|dst] " : "") + '`' + usage + "` | " +
                    std::string(row.help) + " | `" + std::string(row.example) + "` |"))
        << row.word;
  }
  for (const GrammarRow& row : grammarTable()) {
    EXPECT_TRUE(has(std::string(row.rule) + "\n    (* " + std::string(row.example) + " *)"))
        << row.rule;
  }
}

TEST(FilterParser, ReadsEachFormOfACondition) {
  const std::vector<std::pair<std::string, std::string>> kMeanings = {
      {"", "1 = 1"},
      {" \n ", "1 = 1"},
      {"host 3", "cid 3"},
      {"cid host", "cid 2"},
      {"src local", "src cid 1"},
      {"dst host", "dst cid 2"},
      {"dst host 3 and dst host", "dst cid 3 and dst cid 2"},
      {"src or dst port 22", "port 22"},
      {"src and dst cid 1", "src and dst cid 1"},
      {"src and dst cid (1 or 2)", "src and dst cid 1 or src and dst cid 2"},
      {"port 0x400", "port 1024"},
      {"port 010", "port 8"},
      {"port 1k", "port 1024"},
      {"port ssh", "port 22"},
      {"port wsl", "portrange 50000-50005"},
      {"port (22 or 1024 || nbd)", "port (22 or 1024 or 10809)"},
      {"port 22 or 1024", "port 22 or port 1024"},
      {"src port 22 and not 1024", "src port 22 and not src port 1024"},
      {"portrange 1-2 or 5-6", "portrange 1-2 or portrange 5-6"},
      {"conn 3.1024 host:ssh", "conn 3.1024 2.22"},
      {"op RST or shutdown", "op rst or op shutdown"},
      {"op (rst or 12)", "op (rst or 12)"},
      {"payload and type stream", "payload and type stream"},
      {"transport no_info", "transport no_info"},
      {"eom and not eor", "eom and not eor"},
      {"less 76", "len <= 76"},
      {"greater 77", "len >= 77"},
      {"payload_len > 64k", "payload_len > 65536"},
      {"flags & 2 != 0", "flags & 2 != 0"},
      {"1 + 2 * 3 = len", "7 = len"},
      {"(len - 76) * 2 > 5 and (port 22)", "(len - 76) * 2 > 5 and port 22"},
      {"-len = 5", "0 - len = 5"},
      {"link[link[0] + 1:2] == 3", "link[link[0:1] + 1:2] = 3"},
      {"5 < src_cid", "src_cid > 5"},
      {"dst_cid = 0xffffffffffffffff", "dst_cid = 18446744073709551615"},
      {"payload contains \"a\\\"\\x00\\n\"", "payload contains 0x6122000a"},
      {"payload contains GET", "payload contains 0x474554"},
      {"2 = 2", "1 = 1"},
      {"connection 12", "connection 12"},
      {"connection #12 or 13", "connection 12 or connection 13"},
      {"finding (slow-reader or credit-stall)", "finding (credit-stall or slow-reader)"},
      {"finding-packet tap-excess", "finding-packet tap-excess"},
      {"state refused or partial", "state refused or state partial"},
      {"state (reset or Half_Closed_By_Client)", "state (half_closed_by_client or reset)"},
      {"service kata and not \"ssh\"", "service kata and not service ssh"},
  };
  for (const auto& [text, expected] : kMeanings) EXPECT_EQ(meaning(text), expected) << text;
}

TEST(FilterParser, GivesAndAndOrTheSameStrengthAsInTcpdump) {
  EXPECT_EQ(meaning("op rst or eom and eor"), "(op rst or eom) and eor");
  EXPECT_EQ(meaning("op rst and eom or eor"), "(op rst and eom) or eor");
  EXPECT_EQ(meaning("not eom and eor"), "not eom and eor");
  EXPECT_EQ(meaning("! (eom && eor) || port 22"), "not (eom and eor) or port 22");
}

TEST(FilterParser, SaysWhatIsWrongWhereAndWhatToDo) {
  const std::vector<std::pair<std::string, std::string>> kRefusals = {
      {"op rts", "column 4: there is no op \"rts\". Did you mean `op rst`?"},
      {"op connect", "column 4: there is no op \"connect\". Did you mean `connect` without op?"},
      {"prot 22", "column 1: `prot` is no word of vsock filters. Did you mean `port`?"},
      {"tcp port 22",
       "column 1: `tcp` is no word of vsock filters. A vsock packet has CIDs and ports: `cid 3 and "
       "port 1024`."},
      {"ssh", "column 1: `ssh` is the name of a port and no condition. Did you mean `port ssh`?"},
      {"rst", "column 1: `rst` is no condition by itself. Did you mean `op rst`?"},
      {"port 22 cid 3", "column 9: `and` or `or` is missing before this"},
      {"port 22 adn cid 3",
       "column 9: the filter could end before this, or go on with `and` or `or`. Did you mean "
       "`and`?"},
      {"port 22 and",
       "column 12: the filter ends where a condition should stand. `not`, `and` and `or` go before "
       "a condition, such as `port 1024`."},
      {"port", "column 5: `port` needs a port or the name of one"},
      {"host", "column 5: `host` needs a CID. Such as `host 3`; for the host itself, `cid host`."},
      {"port != 22", "column 6: `port` takes no relation. Write `not port 22`."},
      {"port 22-80", "column 8: `port` takes single ports. Ranges go behind `portrange`."},
      {"portrange 80-22", "column 14: the range ends before it begins"},
      {"port 4294967296", "column 6: there is no such port: the highest is 4294967295"},
      {"port shs", "column 6: there is no port \"shs\". Did you mean `port ssh`?"},
      {"(port 22", "column 1: this ( is not closed"},
      {"port 22)", "column 8: nothing is open that this ) would close"},
      {"payload_len", "column 12: a comparison should stand here. Such as `= 0` or `> 1000`."},
      {"len-5 > 3", "column 1: `len-5` is read as one word. A minus needs blanks around it here."},
      {"len / 0 = 1", "column 7: nothing can be divided by 0"},
      {"len << 32 = 1", "column 8: numbers have 32 bits and are shifted by 31 at most"},
      {"len + 1 % 2 = 1",
       "column 9: % and ^ beside other operators are read in more than one way. Parentheses say "
       "which is meant."},
      {"len > 4294967296", "column 7: this number is too large: it may have 32 bits"},
      {"link[3:3] = 1", "column 8: the size is 1, 2 or 4 bytes"},
      {"src_cid + 1 = 2",
       "column 1: `src_cid` is compared with a number only. Such as `src_cid >= 3`."},
      {"conn 3 4",
       "column 8: `conn` needs two addresses of the form CID.PORT. Such as `conn "
       "3.1024 2.1234`."},
      {"payload contains 0x123",
       "column 18: `payload contains` needs text, or bytes in hexadecimal digits. Such as `payload "
       "contains \"GET /\"` or `payload contains 0x474554`."},
      {"payload contains \"a",
       "column 18: this quote is not closed. A quote inside of text is "
       "written \\\"."},
      {"op request and prot 22", "column 16: there is no op \"prot\". Did you mean `port`?"},
      {"port 22,80",
       "column 8: \",\" means nothing here. Several values are written `port (22 or 80)`."},
      {"port 22 and ü",
       "column 13: \"ü\" means nothing here. Text and names with such characters "
       "go between quotes."},
      {"port 22\nand op rts", "line 2, column 8: there is no op \"rts\". Did you mean `op rst`?"},
      {"finding credit-stal",
       "column 9: there is no finding \"credit-stal\". Did you mean `finding credit-stall`?"},
      {"finding-packet stall",
       "column 16: there is no finding \"stall\". vsdump-filter(7) lists them."},
      {"finding 7", "column 9: there is no finding \"7\". vsdump-filter(7) lists them."},
      {"credit-stall",
       "column 1: `credit-stall` is no condition by itself. Did you mean `finding credit-stall`?"},
      {"state refusd",
       "column 7: there is no state of a connection \"refusd\". Did you mean `state refused`?"},
      {"state", "column 6: `state` needs a state of a connection"},
      {"connection ssh",
       "column 12: a connection's number should stand here. `vsdump connections` shows them; "
       "addresses go behind `conn`."},
      {"connection 4294967295",
       "column 12: there is no such connection: the highest is 4294967294"},
      {"service katta", "column 9: there is no service \"katta\". Did you mean `service kata`?"},
      {"service 22", "column 9: there is no service \"22\""},
  };
  for (const auto& [text, sentence] : kRefusals) EXPECT_EQ(refusal(text), sentence) << text;
}

TEST(FilterParser, DrawsThePlaceOfAProblem) {
  const auto draw = [](std::string_view text) { return drawing(parse(text).error(), text); };
  EXPECT_EQ(draw("op rts and port 22"), "  op rts and port 22\n     ^~~");
  EXPECT_EQ(draw("port 22\nand op rts\nor eom"), "  and op rts\n         ^~~");
  EXPECT_EQ(draw("port"), "  port\n      ^");
  EXPECT_EQ(draw("payload contains \"ü\" x"),
            "  payload contains \"ü\" x\n                       ^");
  EXPECT_EQ(draw("port\t\x1b"), "  port ?\n       ^");
  const std::string lengthy = std::string(300, ' ') + "op rts" + std::string(300, ' ');
  EXPECT_LT(draw(lengthy).size(), 300U);
}

TEST(FilterParser, BoundsWhatItTakes) {
  const auto repeated = [](std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  };
  EXPECT_TRUE(parse(repeated("(", 90) + "eom" + repeated(")", 90)));
  EXPECT_FALSE(parse(repeated("(", 100000) + "eom" + repeated(")", 100000)));
  EXPECT_FALSE(parse(repeated("not ", 100000) + "eom"));
  EXPECT_FALSE(parse("eom" + repeated(" and eor or eom", 10000)));
  EXPECT_TRUE(parse("eom" + repeated(" and eor", 10000)));
  EXPECT_FALSE(parse("len" + repeated(" + len", 10000) + " = 1"));
  EXPECT_FALSE(parse(repeated("link[", 10000) + "1" + repeated("]", 10000) + " = 1"));
  EXPECT_FALSE(parse(repeated("- ", 10000) + "1 = 1"));
  EXPECT_EQ(refusal(std::string((1U << 20) + 1, ' ')),
            "column 1048577: the filter has more than 1 MiB");
}

TEST(FilterText, IsReadAsTheSameFilterWhereItAsksForConnections) {
  for (const std::span<const FieldName> words : {findingWords(), stateWords()}) {
    for (const FieldName& word : words) {
      const std::string kind = words.data() == stateWords().data() ? "state " : "finding-packet ";
      EXPECT_EQ(meaning(kind + std::string(word.word)), kind + std::string(word.word));
    }
  }
  EXPECT_EQ(meaning("service (\"kata\" or nitro-proxy)"), "service (kata or nitro-proxy)");
}

TEST(FilterText, IsReadAsTheSameFilter) {
  support::RandomFilters random(5);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = random.filter(6);
    const std::string once = meaning(text);
    EXPECT_EQ(meaning(once), once) << text;
  }
}

TEST(FilterParser, TakesNamesOfAPortsFile) {
  ServiceNames services;
  ASSERT_TRUE(services.addFile("my-service 7000\nssh 2222\n9p 564\n").empty());
  EXPECT_EQ(toText(*parse("port my-service", services)->expression()), "port 7000");
  EXPECT_EQ(toText(*parse("port ssh", services)->expression()), "port (2222 or 22)");
  EXPECT_EQ(toText(*parse("port 9p", services)->expression()), "port 564");
  EXPECT_EQ(toText(*parse("service my", services)->expression()), "service my");
  EXPECT_FALSE(parse("service my"));
}

}  // namespace
}  // namespace vsdump::filter
