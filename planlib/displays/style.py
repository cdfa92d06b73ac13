"""Styles of displays."""

from __future__ import annotations

#: Styles of one display; scoped to its class, following the theme of JupyterLab.
CSS = """
.pl{--pl-ink:var(--jp-content-font-color1,#22303c);--pl-soft:var(--jp-content-font-color2,#5b6873);
--pl-line:rgba(128,138,148,.32);margin:.4em 0 1em;color:var(--pl-ink);line-height:1.35;
font-family:var(--jp-content-font-family,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",
"Liberation Sans",Arial,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif);
font-size:13px;max-width:100%}
.pl .pl-scroll{overflow-x:auto;max-width:100%}
.pl table.gt_table{border-collapse:collapse;border:0;width:auto;margin:0;color:inherit;
font-size:13px;font-variant-numeric:tabular-nums;background:transparent}
.pl .gt_table tr,.pl .gt_table td,.pl .gt_table th{border:0;background:transparent}
.pl .gt_table th.gt_col_heading{font-weight:600;color:var(--pl-soft);padding:4px 12px 4px 0;
vertical-align:bottom;border-bottom:1.5px solid var(--pl-soft);max-width:14em;white-space:normal;
text-align:left}
.pl .gt_table th small{font-weight:400}
.pl .gt_table td.gt_row{padding:3.5px 12px 3.5px 0;border-bottom:1px solid var(--pl-line);
vertical-align:top;text-align:left;max-width:34em;overflow-wrap:break-word;white-space:normal}
.pl .gt_table td.gt_row:first-child:not(.gt_right){min-width:7.5em}
.pl .gt_table .gt_right{text-align:right!important;white-space:nowrap!important;
padding:3.5px 11px 3.5px 5px!important}
.pl .gt_table th.gt_right{white-space:normal!important}
.pl .gt_table td.gt_title{font-weight:650;font-size:14.5px;padding:0 0 1px;text-align:left}
.pl .gt_table td.gt_subtitle{color:var(--pl-soft);padding:0 0 6px;text-align:left}
.pl .gt_table td.gt_sourcenote{color:var(--pl-soft);font-size:12px;padding:3px 0 0;text-align:left;
max-width:52em;white-space:normal}
.pl td.gt_row.pl-keep{white-space:nowrap}
@media screen{.pl td.gt_row.pl-long{min-width:22em}}
.pl td[class*=" pl-"]:not(.gt_right):not(.pl-grey):not(.pl-keep):not(.pl-long){padding-left:6px}
.pl-good{background:rgba(0,135,108,.20)!important}.pl-watch{background:rgba(230,159,0,.24)!important}
.pl-bad{background:rgba(200,80,30,.24)!important}.pl-accent{background:rgba(11,98,164,.16)!important}
.pl-grey{opacity:.55}
.pl .pl-facts{display:grid;gap:10px;grid-template-columns:repeat(auto-fill,minmax(13em,1fr));
margin:0;padding:0}
.pl .pl-fact{max-width:20em;border:1px solid var(--pl-line);border-left-width:4px;
border-radius:4px;padding:7px 12px 8px;margin:0;background:transparent!important}
.pl .pl-fact.pl-good{border-left-color:#00876c}.pl .pl-fact.pl-watch{border-left-color:#e69f00}
.pl .pl-fact.pl-bad{border-left-color:#c8501e}.pl .pl-fact.pl-accent{border-left-color:#0b62a4}
.pl .pl-fact,.pl .pl-fact dt,.pl .pl-fact dd{float:none;display:block;width:auto;padding-left:0}
.pl .pl-fact{box-sizing:border-box;padding-left:12px}
.pl .pl-fact dt{color:var(--pl-soft);font-weight:500;margin:0;overflow-wrap:anywhere}
.pl .pl-fact dd{margin:0;font-size:12px;color:var(--pl-soft)}
.pl .pl-fact dd.pl-value{font-size:21px;font-weight:650;overflow-wrap:anywhere;
color:var(--pl-ink);line-height:1.25;
font-variant-numeric:tabular-nums}
.pl ul.pl-list{margin:.2em 0;padding-left:1.2em}.pl ul.pl-list li{margin:.18em 0}
.pl .pl-head{font-weight:650;font-size:14.5px;margin:0 0 .2em}
.pl .pl-sub{color:var(--pl-soft);margin:0 0 .4em}
""".strip()
