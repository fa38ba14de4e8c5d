// Written by `npm run letters` from layout.tsx.
export const parts = {
  frame: `<html dir="ltr" lang="en"><head><meta content="text/html; charset=UTF-8" http-equiv="Content-Type"/><meta name="x-apple-disable-message-reformatting"/><meta name="color-scheme" content="light dark"/><meta name="supported-color-schemes" content="light dark"/><title>{{subject}}</title><style>
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .ground, .ground td { background-color: #15171a !important; }
    .ink { color: #ecebe7 !important; }
    .quiet { color: #a8a59e !important; }
    .line { border-color: #33363b !important; }
    .button { border-color: #71757c !important; }
  }
  @media (max-width: 480px) {
    .column { padding-left: 20px !important; padding-right: 20px !important; }
    .button { display: block !important; text-align: center !important; }
  }
</style></head><div style="display:none;overflow:hidden;line-height:1px;opacity:0;max-height:0;max-width:0" data-skip-in-text="true">{{preheader}}{{padding}}</div><body class="ground" style="background-color:#fbfaf7;margin:0;padding:0"><table border="0" width="100%" cellPadding="0" cellSpacing="0" role="presentation" align="center"><tbody><tr><td style="background-color:#fbfaf7;margin:0;padding:0;font-family:&quot;Instrument Sans&quot;, Inter, -apple-system, &quot;Segoe UI&quot;, Helvetica, Arial, sans-serif"><table align="center" width="100%" class="column" border="0" cellPadding="0" cellSpacing="0" role="presentation" style="max-width:560px;margin:0 auto;padding:32px 24px 40px"><tbody><tr style="width:100%"><td><table align="center" width="100%" border="0" cellPadding="0" cellSpacing="0" role="presentation"><tbody><tr><td><div style="width:32px;height:4px;border-radius:2px;background-color:{{accent}};margin-bottom:14px"></div><a href="{{url}}" style="color:#067df7;text-decoration-line:none;text-decoration:none" target="_blank">{{mark}}</a></td></tr></tbody></table><h1 class="ink" style="color:#23211e;font-family:Newsreader, &quot;Source Serif 4&quot;, Georgia, &quot;Times New Roman&quot;, serif;font-size:27px;font-weight:500;line-height:1.25;letter-spacing:-0.01em;margin:28px 0 16px">{{title}}</h1>{{body}}<hr class="line" style="width:100%;border:none;border-top:1px solid #eaeaea;border-color:#e2dfd7;border-top-width:1px;margin:32px 0 16px"/><p class="quiet" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:0;margin-top:0;margin-bottom:0;margin-left:0;margin-right:0">{{why}}</p>{{footer}}</td></tr></tbody></table></td></tr></tbody></table></body></html>`,
  padding: `\u00a0\u200c\u200b\u200d\u200e\u200f\ufeff`,
  logo: `<img alt="{{alt}}" height="32" src="{{logoUrl}}" style="display:inline-block;outline:none;border:none;text-decoration:none;vertical-align:middle;margin-right:10px;max-width:160px"/>`,
  name: `<span class="ink" dir="auto" style="color:#23211e;font-size:15px;font-weight:600">{{text}}</span>`,
  stop: `<p class="quiet" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:6px 0 0;margin-top:6px;margin-right:0;margin-bottom:0;margin-left:0"><a class="quiet" href="{{href}}" style="color:#68645c;text-decoration-line:none;text-decoration:underline" target="_blank">{{label}}</a></p>`,
  schoolName: `<p class="quiet" dir="auto" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:14px 0 0;margin-top:14px;margin-right:0;margin-bottom:0;margin-left:0">{{text}}</p>`,
  addressLine: `<p class="quiet" dir="auto" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:0;margin-top:0;margin-bottom:0;margin-left:0;margin-right:0">{{text}}</p>`,
  legalLine: `<p class="quiet" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:8px 0 0;margin-top:8px;margin-right:0;margin-bottom:0;margin-left:0">{{links}}</p>`,
  legalItem: `<a class="quiet" href="{{href}}" style="color:#68645c;text-decoration-line:none;text-decoration:underline;margin-right:14px" target="_blank">{{label}}</a>`,
  paragraph: `<p class="ink" style="font-size:16px;line-height:1.55;color:#23211e;margin:0 0 14px;margin-top:0;margin-right:0;margin-bottom:14px;margin-left:0">{{text}}</p>`,
  quote: `<table align="center" width="100%" border="0" cellPadding="0" cellSpacing="0" role="presentation" style="border-left:3px solid #e2dfd7;padding:2px 0 2px 16px;margin:18px 0;border-left-color:{{edge}}"><tbody><tr><td>{{lines}}<p class="quiet" dir="auto" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:0;margin-top:0;margin-bottom:0;margin-left:0;margin-right:0">{{by}}</p></td></tr></tbody></table>`,
  quoteLine: `<p class="ink" dir="auto" style="font-size:16px;line-height:1.55;color:#23211e;margin:0 0 6px;margin-top:0;margin-right:0;margin-bottom:6px;margin-left:0">{{text}}</p>`,
  facts: `<table role="presentation" width="100%" cellPadding="0" cellSpacing="0" style="margin:20px 0 4px"><tbody>{{facts}}</tbody></table>`,
  fact: `<tr><td class="quiet line" style="border-top:1px solid #e2dfd7;font-size:14.5px;line-height:1.45;padding:9px 0;vertical-align:top;text-align:left;color:#68645c;width:34%;padding-right:12px">{{label}}</td><td class="ink line" dir="auto" style="border-top:1px solid #e2dfd7;font-size:14.5px;line-height:1.45;padding:9px 0;vertical-align:top;text-align:left;color:#23211e">{{value}}</td></tr>`,
  button: `<table align="center" width="100%" border="0" cellPadding="0" cellSpacing="0" role="presentation" style="margin:28px 0 24px"><tbody><tr><td><a class="button" href="{{href}}" style="color:{{onAccent}};text-decoration-line:none;background-color:{{accent}};border:1px solid {{edge}};border-radius:{{radius}};display:inline-block;font-size:16px;font-weight:600;line-height:20px;padding:12px 22px;text-decoration:none" target="_blank">{{label}}</a></td></tr></tbody></table>`,
  after: `<p class="quiet" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:0 0 10px;margin-top:0;margin-right:0;margin-bottom:10px;margin-left:0">{{text}}</p>`,
  buttonAddress: `<p class="quiet" style="font-size:13.5px;line-height:1.5;color:#68645c;margin:0 0 10px;word-break:break-all;margin-top:0;margin-right:0;margin-bottom:10px;margin-left:0">If the button does not work, open this address: <br/><a class="quiet" href="{{href}}" style="color:#68645c;text-decoration-line:none;text-decoration:underline" target="_blank">{{href}}</a></p>`,
};
