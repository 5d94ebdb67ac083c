// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/text/escape.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace vsdump {
namespace {

TEST(Escape, LeavesPlainTextAlone) {
  EXPECT_EQ(escaped("CreateContainer id=c0ffee \"x\""), "CreateContainer id=c0ffee \"x\"");
  EXPECT_EQ(escaped("Größe 大 🙂"), "Größe 大 🙂");
}

TEST(Escape, ShowsControlCharacters) {
  EXPECT_EQ(escaped("\x1b[2Jgone"), "\\x1b[2Jgone");
  EXPECT_EQ(escaped("a\nb\rc\td\\e"), "a\\nb\\rc\\td\\\\e");
  EXPECT_EQ(escaped(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(escaped("\xc2\x9b"
                    "31m"),
            "\\u{009b}31m");  // C1's CSI in UTF-8
}

TEST(Escape, ShowsWhatTurnsOrHidesText) {
  EXPECT_EQ(escaped("\xe2\x80\xae"
                    "txt.exe"),
            "\\u{202e}txt.exe");  // right-to-left override
  EXPECT_EQ(escaped("a\xe2\x80\x8b"
                    "b"),
            "a\\u{200b}b");  // zero-width space
  EXPECT_EQ(escaped("a\xe2\x80\xa8"
                    "b"),
            "a\\u{2028}b");                               // line separator
  EXPECT_EQ(escaped("\xf3\xa0\x81\x81"), "\\u{0e0041}");  // tag character
}

TEST(Escape, ShowsBytesThatAreNoUtf8OneByOne) {
  EXPECT_EQ(escaped("\xff"
                    "a\xc3"),
            "\\xffa\\xc3");
  EXPECT_EQ(escaped("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(JsonEscape, QuotesWhatJsonDemands) {
  std::string out;
  appendJsonEscaped(out, "say \"hi\"\n\xff");
  EXPECT_EQ(out, "say \\\"hi\\\"\\\\n\\\\xff");
}

RC_GTEST_PROP(Escape, NeverLetsAControlByteThroughAndIsStable, (const std::string& text)) {
  const std::string once = escaped(text);
  for (const char c : once) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  // What came out is valid and harmless, so only its backslashes change.
  std::string doubled;
  for (const char c : once) {
    if (c == '\\') doubled += '\\';
    doubled += c;
  }
  RC_ASSERT(escaped(once) == doubled);
}

}  // namespace
}  // namespace vsdump
