"""
Built-in industry groups: accounts that need the same expertise from those who sell to them.

Codes follow the divisions of the Standard Industrial Classification, the sectors of NAICS 2022
and the sections and divisions of GB/T 4754-2017. The first group in the list that knows a code
or name has it, so that narrow groups stand before wide ones.
"""

from __future__ import annotations

from planlib.settings.segmentation import IndustryRule

PUBLIC = "Public sector"

BUILTIN: tuple[IndustryRule, ...] = (
    IndustryRule(
        group=PUBLIC,
        sic=("43", "82", "91-97"),
        naics=("491", "61", "92"),
        gbt4754=("P", "83", "S", "91-96", "T", "97"),
        names=("public", "government", "federal", "municipal", "defen", "ordnance", "education",
               "universit", "school", "higher education", "政府", "公共管理", "公共服务", "教育",
               "学校", "大学", "国防", "军工", "社会组织"),
    ),
    IndustryRule(
        group="Healthcare and life sciences",
        sic=("283", "384", "80", "8731"),
        naics=("3254", "3391", "62", "541714"),
        gbt4754=("27", "Q", "84-85", "358"),
        names=("health", "medic", "hospital", "pharma", "biotech", "life science", "clinic",
               "dental", "nursing", "医疗", "医药", "制药", "医院", "卫生", "生物"),
    ),
    IndustryRule(
        group="Real estate and construction",
        sic=("15-17", "65", "6798"),
        naics=("23", "531"),
        gbt4754=("E", "47-50", "K", "70"),
        names=("real estate", "property development", "property management", "construct",
               "building", "civil engineering", "房地产", "建筑", "工程施工", "物业"),
    ),
    IndustryRule(
        group="Financial services",
        sic=("60-64", "67"),
        naics=("52",),
        gbt4754=("J", "66-69"),
        names=("financ", "bank", "insur", "invest", "capital market", "private equity",
               "securities", "savings", "credit", "asset management", "wealth", "fintech", "金融",
               "银行", "保险", "证券", "投资", "信托", "基金"),
    ),
    IndustryRule(
        group="Technology and telecom",
        sic=("357", "366", "367", "48", "737"),
        naics=("334", "5132", "517", "518", "5415"),
        gbt4754=("39", "I", "63-65"),
        names=("techno", "technolgy", "software", "computer", "telecom", "internet", "information",
               "semiconductor", "electronic", "edp", "it", "saas", "cloud", "data", "cyber",
               "hardware", "软件", "信息", "互联网", "电信", "通信", "计算机", "半导体", "电子"),
    ),
    IndustryRule(
        group="Energy and utilities",
        sic=("12-13", "29", "46", "49"),
        naics=("211", "2121", "213", "22", "324", "486"),
        gbt4754=("06-07", "25", "D", "44-46"),
        names=("energy", "utilit", "oil", "gas", "electric util", "power", "water", "coal",
               "oilfield", "renewable", "能源", "电力", "石油", "石化", "天然气", "燃气", "水务",
               "煤炭", "供热", "热力", "新能源"),
    ),
    IndustryRule(
        group="Transport and logistics",
        sic=("40-42", "44-45", "47"),
        naics=("48-49",),
        gbt4754=("G", "53-60"),
        names=("transport", "logistic", "freight", "marine", "shipping", "airline", "aviation",
               "rail", "railway", "courier", "warehous", "ports", "运输", "物流", "铁路",
               "航空", "航运", "港口", "仓储", "邮政", "快递"),
    ),
    IndustryRule(
        group="Retail and consumer",
        sic=("50-57", "59"),
        naics=("42", "44-45"),
        gbt4754=("F", "51-52"),
        names=("retail", "wholesale", "store", "stores", "shop", "consumer", "e-commerce",
               "ecommerce", "distributor", "distribution", "grocery", "supermarket", "apparel",
               "fashion", "clothing", "零售", "批发", "电商", "商贸", "超市", "消费", "服装"),
    ),
    IndustryRule(
        group="Media, travel and leisure",
        sic=("27", "70", "78-79", "84", "58"),
        naics=("512", "516", "519", "71-72", "513"),
        gbt4754=("H", "61-62", "R", "86-90"),
        names=("media", "entertain", "publish", "broadcast", "film", "gaming", "hotel",
               "hospitality", "travel", "touris", "leisure", "recreation", "sport", "restaurant",
               "传媒", "媒体", "文化", "娱乐", "酒店", "旅游", "餐饮", "体育", "出版"),
    ),
    IndustryRule(
        group="Natural resources",
        sic=("01-14",),
        naics=("11", "21"),
        gbt4754=("A", "01-05", "B", "06-12"),
        names=("agri", "farm", "forest", "fish", "mining", "mine", "mines", "metals", "precious",
               "农业", "林业", "牧业", "渔业", "采矿", "矿业", "矿山"),
    ),
    IndustryRule(
        group="Manufacturing",
        sic=("20-39",),
        naics=("31-33",),
        gbt4754=("C", "13-43"),
        names=("manufactur", "industrial", "machinery", "automotive", "auto", "chemical", "food",
               "foods", "beverage", "paper", "packag", "textile", "home furnish", "furnitur",
               "aerospace", "equipment", "component", "plastic", "rubber", "steel", "cement",
               "制造", "机械", "设备", "汽车", "化工", "食品", "饮料", "造纸", "纺织", "材料",
               "装备", "家电", "水泥", "钢铁", "冶金", "有色金属"),
    ),
    IndustryRule(
        group="Professional and business services",
        sic=("72-73", "75-76", "81", "83", "86-89"),
        naics=("53-56", "81"),
        gbt4754=("L", "71-72", "M", "73-75", "N", "76-79", "O", "80-82"),
        names=("professional", "business service", "commercial service", "consult", "legal", "law",
               "account", "marketing", "advertis", "employ", "staffing", "recruit", "services",
               "engineering service", "research", "咨询", "法律", "商务服务", "广告", "人力资源",
               "科研", "技术服务", "环保"),
    ),
)  # fmt: skip
