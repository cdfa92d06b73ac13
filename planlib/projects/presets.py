"""Phases of project business for usual names of stages, in English and Chinese."""

from __future__ import annotations

from planlib.settings.projects import Phase

_NAMES: dict[Phase, str] = {
    "initiation": "initiation|project initiation|prospecting|prospect|qualification|discovery|"
    "feasibility|立项|商机|线索确认|可研",
    "design_institute": "design institute|design|specification|specified|basic design|feed|"
    "technical selection|设计院|设计院选型|设计|技术交流|选型",
    "tender": "tender|tender preparation|bid preparation|bid|bidding|rfq|rfp|quotation|proposal|"
    "招标|招标准备|投标|报价|方案报价",
    "award": "award|awarded|preferred bidder|letter of intent|中标|定标|中标公示",
    "contract": "contract|contract negotiation|contract signed|signing|production|delivery|"
    "installation|合同|合同谈判|合同签订|签约|生产制造|发货安装|发货|安装调试",
    "acceptance": "acceptance|commissioning|handover|warranty|验收|调试验收|质保|质保结束",
}

#: Phase by name of the stage in lower case.
PRESET: dict[str, Phase] = {
    name: phase for phase, names in _NAMES.items() for name in names.split("|")
}
