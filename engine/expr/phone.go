package expr

import "strings"

// IsPhone reports whether s is an E.164 number: a plus and 7 to 15 digits, the
// first of which is not 0.
func IsPhone(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && allDigits(digits)
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// plan is how a country writes its numbers: its calling code, the prefix that is
// dialled inside the country only, the prefix of international calls, and how many
// digits follow the calling code.
type plan struct {
	code, trunk, abroad string
	least, most         int
}

// IsCountry reports whether ParsePhone knows the two-letter ISO 3166 code.
func IsCountry(country string) bool {
	_, ok := planOf(country)
	return ok
}

// planOf knows the common countries; a trunk prefix of "" means that national
// numbers are dialled as they are.
func planOf(country string) (plan, bool) {
	switch strings.ToUpper(country) {
	case "US", "CA", "PR", "DO", "JM", "BS", "BB", "TT":
		return plan{"1", "1", "011", 10, 10}, true
	}
	for row := range strings.FieldsSeq(plans) {
		f := strings.Split(row, ":")
		if f[0] == strings.ToUpper(country) {
			return plan{f[1], f[2], f[3], atoi(f[4]), atoi(f[5])}, true
		}
	}
	return plan{}, false
}

// plans are country:calling code:trunk prefix:international prefix:least:most digits.
const plans = `
AE:971:0:00:8:9 AR:54:0:00:10:11 AT:43:0:00:4:13 AU:61:0:0011:9:9 BE:32:0:00:8:9 BG:359:0:00:7:9
BR:55:0:00:10:11 CH:41:0:00:9:9 CL:56::00:9:9 CN:86:0:00:9:11 CO:57::00:8:10 CY:357::00:8:8
CZ:420::00:9:9 DE:49:0:00:5:13 DK:45::00:8:8 EE:372::00:7:8 ES:34::00:9:9 FI:358:0:00:5:12
FR:33:0:00:9:9 GB:44:0:00:9:10 GR:30::00:10:10 HK:852::001:8:9 HR:385:0:00:8:9 HU:36:06:00:8:9
ID:62:0:001:8:12 IE:353:0:00:7:10 IL:972:0:00:8:9 IN:91:0:00:10:10 IS:354::00:7:9 IT:39::00:6:12
JP:81:0:010:9:10 KE:254:0:000:9:9 KR:82:0:001:8:11 LT:370:0:00:8:8 LU:352::00:6:11 LV:371::00:8:8
MX:52::00:10:10 MY:60:0:00:8:10 NG:234:0:009:8:10 NL:31:0:00:9:9 NO:47::00:8:8 NZ:64:0:00:8:10
PE:51:0:00:8:9 PH:63:0:00:8:10 PL:48::00:9:9 PT:351::00:9:9 RO:40:0:00:9:9 RS:381:0:00:8:9
SA:966:0:00:8:9 SE:46:0:00:7:10 SG:65::000:8:8 SI:386:0:00:8:8 SK:421:0:00:9:9 TH:66:0:001:8:9
TR:90:0:00:10:10 TW:886:0:002:8:9 UA:380:0:00:9:9 ZA:27:0:00:9:9`

func atoi(s string) int {
	n := 0
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n
}

// ParsePhone makes an E.164 number of what a person wrote or keyed in, read as in
// country (two-letter ISO 3166 code; "" takes only international numbers). Blanks,
// hyphens, dots, slashes and brackets are skipped. It returns "" when text is no
// number of a possible length, or the country is not known.
func ParsePhone(text, country string) string {
	text = strings.TrimSpace(text)
	// "+44 (0)20 ..." is how people write the trunk prefix that is not dialled from abroad.
	if strings.HasPrefix(text, "+") {
		text = strings.Replace(text, "(0)", "", 1)
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()\u00a0\u2011\u2013", r) {
			return -1
		}
		return r
	}, text)
	p, known := planOf(country)
	if country != "" && !known {
		return ""
	}
	if rest, ok := strings.CutPrefix(digits, "+"); ok {
		return international(rest)
	}
	if !known || !allDigits(digits) {
		return ""
	}
	if rest, ok := strings.CutPrefix(digits, p.abroad); ok {
		if n := international(rest); n != "" {
			return n
		}
	}
	return national(digits, p)
}

func international(digits string) string {
	number := "+" + digits
	if !IsPhone(number) || digits[0] == '1' && len(digits) != 11 {
		return ""
	}
	return number
}

func national(digits string, p plan) string {
	if p.trunk != "" {
		digits = strings.TrimPrefix(digits, p.trunk)
	}
	if len(digits) < p.least || len(digits) > p.most || p.code == "1" && digits[0] < '2' {
		return ""
	}
	if number := "+" + p.code + digits; IsPhone(number) {
		return number
	}
	return ""
}
