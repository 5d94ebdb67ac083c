// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireshark-plugin/experts.h"

#include <string>
#include <vector>

#include "wireshark-plugin/fields.h"

namespace vsdump {

namespace {

/// By FindingCode, the anomalies' codes included.
std::vector<expert_field> experts;

int severityOf(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return PI_ERROR;
    case Severity::Warning:
      return PI_WARN;
    default:
      return PI_NOTE;
  }
}

void add(FindingCode code, const char* message, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
         proto_item* item) {
  proto_item_set_generated(
      proto_tree_add_string(tree, fields.finding, tvb, 0, 0, describe(code).code.data()));
  expert_add_info_format(pinfo, item, &experts[static_cast<std::size_t>(code)], "%s", message);
}

}  // namespace

void registerExperts(int protocol) {
  const std::size_t findings = findingCatalogue().size();
  const std::size_t all = findings + anomalyCatalogue().size();
  // Wireshark keeps pointers into all of these for as long as it runs.
  static std::vector<std::string> names;
  static std::vector<ei_register_info> rows;
  experts.assign(all, expert_field EI_INIT);
  names.reserve(all);
  for (std::size_t i = 0; i < all; ++i) {
    const FindingRow row = describe(FindingCode{static_cast<std::uint8_t>(i)});
    names.push_back("vsockmon.finding." + std::string(row.code));
    rows.push_back({&experts[i],
                    {names.back().c_str(), i < findings ? PI_SEQUENCE : PI_PROTOCOL,
                     severityOf(row.severity), row.sentence.data(), EXPFILL}});
  }
  expert_register_field_array(expert_register_protocol(protocol), rows.data(),
                              static_cast<int>(rows.size()));
}

void addExperts(const View& view, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                proto_item* item) {
  for (const AnomalyRow& row : anomalyCatalogue()) {
    if (!view.packet.anomalies.has(row.anomaly)) continue;
    add(codeOf(row.anomaly), row.sentence.data(), tvb, pinfo, tree, item);
  }
  for (const std::uint32_t number : view.findings) {
    const CaptureState* state = captureState();
    if (state == nullptr) return;
    const Finding& finding = state->finding(number);
    add(finding.code, messageIn(pinfo->pool, finding), tvb, pinfo, tree, item);
  }
}

}  // namespace vsdump
