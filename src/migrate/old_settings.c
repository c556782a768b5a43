/* What weir must be told so that it does what the alpha's node did. */
#include "src/migrate/old_flags_private.h"

#include <stdlib.h>
#include <string.h>

#include "src/model/rendition.h"

#define ALPHA_PORT "8935" /* of players, of transcoders */

static bool is_onchain(const struct old_flags *f)
{
	return strcmp(f->network, "offchain") != 0;
}

static void put(struct old_flags *f, enum option_id id, const char *value, size_t from,
	enum old_trap trap)
{
	if (f->n_settings == OLD_SETTINGS_MAX)
		return;
	f->settings[f->n_settings++] = (struct old_setting){ id, xstrdup(value), from, trap };
}

static bool has_setting(const struct old_flags *f, enum option_id id)
{
	for (size_t i = 0; i < f->n_settings; i++)
		if (f->settings[i].id == id)
			return true;
	return false;
}

/* A setting that no flag asked for; value "": the operator's to say. */
static void put_for(struct old_flags *f, enum old_trap trap, enum option_id id,
	const char *value)
{
	old_finding_add(f, trap);
	put(f, id, value, SIZE_MAX, trap);
}

static void say(struct old_flags *f, size_t i, enum old_fate fate, const char *comment)
{
	f->flags[i].fate = fate;
	f->flags[i].comment = comment;
}

/* Whether an option does anything in this node; else the flag's comment says. */
static bool is_of_use(struct old_flags *f, size_t i, const struct option *o)
{
	if (o->support == OPTION_UNSUPPORTED)
		say(f, i, OLD_LOST, o->prose);
	else if (o->support == OPTION_ONCHAIN && !is_onchain(f))
		say(f, i, OLD_GONE, "Without a chain it does nothing.");
	else if (!(o->roles & f->roles))
		say(f, i, OLD_GONE, "It is of a role that this node does not have.");
	else
		return true;
	return false;
}

bool old_value_is_writable(const char *value)
{
	size_t n = strlen(value);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return false;
	return !strstr(value, " #") && value[0] != ' ' && (!n || value[n - 1] != ' ');
}

static bool has_variable(const char *value)
{
	for (const char *p = value; (p = strchr(p, '$')); p++)
		if (p[1] == '{' || p[1] == '(' || p[1] == '_' || (p[1] >= 'A' && p[1] <= 'Z') ||
			(p[1] >= 'a' && p[1] <= 'z'))
			return true;
	return strchr(value, '`') != NULL;
}

/* The option gets the flag's value, or the operator is asked for a better one. */
static void take_value(struct old_flags *f, size_t i, enum option_id id, const char *value)
{
	const struct option *o = option_get(id);
	struct option_value v;
	struct err *e;

	if (!is_of_use(f, i, o) || !*value)
		return;
	e = option_parse(o, value, &v);
	if (e || !old_value_is_writable(value)) {
		say(f, i, OLD_ASKS, "weir does not take this value.");
		value = "";
	}
	err_free(e);
	put(f, id, value, i, 0);
}

static void ask(struct old_flags *f, size_t i, enum option_id id, const char *comment)
{
	if (!is_of_use(f, i, option_get(id)))
		return;
	say(f, i, OLD_ASKS, comment ? comment : f->flags[i].comment);
	put(f, id, "", i, 0);
}

/* --- what it was --- */

static bool is_on(const struct old_flags *f, const char *name)
{
	const char *value = old_flags_value(f, name);
	struct option_value v = { .b = false };
	struct err *e = value ? option_parse(option_get(OPT_TRANSCODER), value, &v) : NULL;

	err_free(e);
	return value && !e && v.b;
}

static unsigned roles_of(const struct old_flags *f)
{
	if (f->line == OLD_LINE_0_5)
		return (is_on(f, "orchestrator") ? OPTION_O : 0) |
			(is_on(f, "transcoder") ? OPTION_T : 0) |
			(is_on(f, "broadcaster") ? OPTION_B : 0);
	if (f->line == OLD_LINE_ALPHA)
		return is_on(f, "transcoder") ? OPTION_O | OPTION_T : OPTION_B;
	return is_on(f, "standaloneTranscoder") ? OPTION_T
		: is_on(f, "transcoder")	? OPTION_O | OPTION_T
		: is_on(f, "orchestrator")	? OPTION_O
						: OPTION_B;
}

/* In the order in which go-livepeer asked. */
static const char *network_of(const struct old_flags *f)
{
	const char *said = old_flags_value(f, "network");

	if (f->line == OLD_LINE_0_5)
		return said && *said ? said : "offchain";
	return is_on(f, "offchain") || f->roles == OPTION_T ? "offchain"
		: is_on(f, "rinkeby")			    ? "rinkeby"
		: is_on(f, "devenv")			    ? "devenv"
							    : "mainnet";
}

static void make_roles(struct old_flags *f)
{
	static const char *const names[] = { "transcoder", "orchestrator",
		"standaloneTranscoder" };
	size_t from = SIZE_MAX;

	for (size_t k = 0; k < ARRAY_SIZE(names) && from == SIZE_MAX; k++)
		if (is_on(f, names[k]))
			from = old_flags_index(f, names[k]);
	if (f->roles == OPTION_B && f->line != OLD_LINE_0_5) {
		put_for(f, OLD_TRAP_ROLE, OPT_BROADCASTER, "true");
		return;
	}
	if (f->roles == (OPTION_O | OPTION_T) && f->line != OLD_LINE_0_5)
		old_finding_add(f, OLD_TRAP_TRANSCODER);
	if (f->roles & OPTION_O)
		put(f, OPT_ORCHESTRATOR, "true", from, 0);
	if (f->roles & OPTION_T)
		put(f, OPT_TRANSCODER, "true", from, 0);
}

static void make_network(struct old_flags *f)
{
	size_t from = old_flags_index(f, f->network);

	if (f->line == OLD_LINE_0_5)
		return;
	if (strcmp(f->network, "mainnet") == 0) {
		put_for(f, OLD_TRAP_NETWORK, OPT_NETWORK, "mainnet");
		return;
	}
	put(f, OPT_NETWORK, f->network, from, 0);
	if (strcmp(f->network, "rinkeby") == 0)
		old_finding_add(f, OLD_TRAP_RINKEBY);
	if (is_onchain(f) && old_flags_index(f, "controllerAddr") == SIZE_MAX)
		put(f, OPT_ETH_CONTROLLER, "", from, 0);
}

/* --- flags that become something else --- */

static bool is_http(const char *url)
{
	return str_has_prefix(url, "http://") || str_has_prefix(url, "https://");
}

static void take_url(struct old_flags *f, size_t i)
{
	if (is_http(f->flags[i].value)) {
		take_value(f, i, OPT_ETH_URL, f->flags[i].value);
		return;
	}
	ask(f, i, OPT_ETH_URL, NULL);
}

static void take_gas_price(struct old_flags *f, size_t i)
{
	uint64_t price;

	if (parse_u64(f->flags[i].value, &price) && !price)
		say(f, i, OLD_GONE, "0 was automatic, which it is anyway.");
	else
		take_value(f, i, OPT_MAX_GAS_PRICE, f->flags[i].value);
}

/* A path goes on; the password itself goes no further than here. */
static void take_password(struct old_flags *f, size_t i)
{
	if (strchr(f->flags[i].value, '/') && old_value_is_writable(f->flags[i].value)) {
		f->flags[i].secret = false;
		say(f, i, OLD_KEPT, "The same file, if it has mode 0600.");
		put(f, OPT_ETH_PASSWORD, f->flags[i].value, i, 0);
		return;
	}
	if (!*f->flags[i].value)
		return;
	old_finding_add(f, OLD_TRAP_PASSWORD);
	ask(f, i, OPT_ETH_PASSWORD, NULL);
}

static void take_options(struct old_flags *f, size_t i)
{
	struct ladder ladder;
	struct err *e = ladder_parse_presets(&ladder, f->flags[i].value);

	if (e)
		ask(f, i, OPT_TRANSCODING_OPTIONS, "Not all of these are presets.");
	else
		take_value(f, i, OPT_TRANSCODING_OPTIONS, f->flags[i].value);
	err_free(e);
}

/* 0.2 had address and port apart. */
static void take_address(struct old_flags *f, size_t i, enum option_id id, const char *ip_flag,
	const char *port_flag, const char *ip_unset, const char *port_unset)
{
	const char *ip = old_flags_value(f, ip_flag), *port = old_flags_value(f, port_flag);
	struct str s = STR_INIT;

	/* Of two flags the one given first has both. */
	if (has_setting(f, id))
		return;
	ip = ip && *ip ? ip : ip_unset;
	port = port && *port ? port : port_unset;
	str_printf(&s, strchr(ip, ':') ? "[%s]:%s" : "%s:%s", ip, port);
	take_value(f, i, id, s.s);
	str_clear(&s);
}

/* -ticketEV is what a ticket is worth on average. false: they make no amount. */
static bool ticket_ev(const char *face_text, const char *prob_text, struct str *out)
{
	struct str face_eth = STR_INIT;
	struct wei face, ev;
	struct ppm prob;
	struct err *e;
	bool good;

	str_printf(&face_eth, "%s ETH", face_text);
	e = wei_parse(&face, face_eth.s);
	if (!e)
		e = ppm_parse_percent(&prob, prob_text);
	good = !e && wei_mul(&ev, face, prob.v);
	if (good) {
		ev = wei_div(ev, 1000000);
		good = !wei_is_zero(ev);
		u256_fmt(out, ev.v); /* raw: a flag's text */
	}
	err_free(e);
	str_clear(&face_eth);
	return good;
}

static void take_ticket(struct old_flags *f, size_t i)
{
	const char *face = old_flags_value(f, "faceValue"), *prob = old_flags_value(f, "winProb");
	struct str ev = STR_INIT;

	if (face && prob && strcmp(f->flags[i].name, "winProb") == 0)
		return; /* it came with the other */
	if (face && prob && ticket_ev(face, prob, &ev))
		take_value(f, i, OPT_TICKET_EV, ev.s);
	else
		say(f, i, OLD_GONE, "Alone, or as zero, it says nothing: weir's default is taken.");
	str_clear(&ev);
}

static void take_special(struct old_flags *f, size_t i)
{
	const char *name = f->flags[i].name;

	if (strcmp(name, "ethUrl") == 0 || strcmp(name, "ethIpcPath") == 0)
		take_url(f, i);
	else if (strcmp(name, "gasPrice") == 0)
		take_gas_price(f, i);
	else if (strcmp(name, "ethPassword") == 0)
		take_password(f, i);
	else if (strcmp(name, "transcodingOptions") == 0)
		take_options(f, i);
	else if (strcmp(name, "controllerAddr") == 0)
		take_value(f, i, OPT_ETH_CONTROLLER, f->flags[i].value);
	else if (strcmp(name, "maxPricePerSegment") == 0)
		ask(f, i, OPT_MAX_PRICE_PER_UNIT, NULL);
	else if (strcmp(name, "faceValue") == 0 || strcmp(name, "winProb") == 0)
		take_ticket(f, i);
	else if (strcmp(name, "rtmpIP") == 0 || strcmp(name, "rtmp") == 0)
		take_address(f, i, OPT_RTMP_ADDR, "rtmpIP", "rtmp", "127.0.0.1", "1935");
	else if (strcmp(name, "httpIP") == 0 || strcmp(name, "http") == 0)
		take_address(f, i, OPT_HTTP_ADDR, "httpIP", "http", "127.0.0.1", ALPHA_PORT);
	else if (strcmp(name, "publicIP") == 0 && *f->flags[i].value)
		take_address(f, i, OPT_SERVICE_ADDR, "publicIP", "http", "", ALPHA_PORT);
}

/* Roles, networks, directories and keystores are dealt with by themselves. */
static void take_flag(struct old_flags *f, size_t i, bool literal)
{
	struct old_flag *flag = &f->flags[i];
	const struct old_flag_row *row = old_flag_row(flag->name);
	enum option_id id = row ? row->option : OPT_COUNT;

	if (!row && option_find(flag->name))
		id = option_find(flag->name)->id;
	if (flag->fate == OLD_GONE || flag->fate == OLD_UNKNOWN)
		return;
	if (old_flags_index(f, flag->name) != i)
		say(f, i, OLD_GONE, "Given again further on, and that is what counts.");
	else if (!literal && has_variable(flag->value) && id != OPT_COUNT)
		ask(f, i, id, "It holds a variable that this text does not set.");
	else if (!literal && str_has_prefix(flag->value, "~/") && id != OPT_COUNT)
		ask(f, i, id, "A configuration knows no \"~\": write the whole path.");
	else if (flag->fate == OLD_KEPT)
		take_value(f, i, id, flag->value);
	else
		take_special(f, i);
}

/* --- what was not said --- */

static void make_chain(struct old_flags *f)
{
	if (!has_setting(f, OPT_ETH_URL))
		put_for(f, OLD_TRAP_RPC, OPT_ETH_URL, "");
	for (size_t i = 0; i < f->n_settings; i++)
		if (f->settings[i].id == OPT_ETH_URL && !*f->settings[i].value)
			old_finding_add(f, OLD_TRAP_RPC);
	if (!has_setting(f, OPT_ETH_ACCT_ADDR))
		put_for(f, OLD_TRAP_ACCOUNT, OPT_ETH_ACCT_ADDR, "");
	if (f->roles & OPTION_O && !has_setting(f, OPT_PRICE_PER_UNIT))
		put_for(f, OLD_TRAP_PRICE, OPT_PRICE_PER_UNIT, "");
	if (f->roles & OPTION_B && !has_setting(f, OPT_MAX_PRICE_PER_UNIT))
		put_for(f, OLD_TRAP_ANY_PRICE, OPT_MAX_PRICE_PER_UNIT, "");
	else if (f->roles & OPTION_B)
		old_finding_add(f, OLD_TRAP_ANY_PRICE);
	if (old_flags_index(f, "ethKeystorePath") == SIZE_MAX)
		old_finding_add(f, OLD_TRAP_KEYSTORE);
}

void old_settings_make(struct old_flags *f, bool literal)
{
	f->roles = roles_of(f);
	f->network = network_of(f);
	make_network(f);
	make_roles(f);
	for (size_t i = 0; i < f->n_flags; i++)
		take_flag(f, i, literal);
	if (is_on(f, "gateway"))
		old_finding_add(f, OLD_TRAP_GATEWAY);
	old_finding_add(f, OLD_TRAP_DATADIR);
	if (is_onchain(f))
		make_chain(f);
	if (f->roles == OPTION_B && !has_setting(f, OPT_HTTP_ADDR))
		put_for(f, OLD_TRAP_PORT, OPT_HTTP_ADDR, "127.0.0.1:" ALPHA_PORT);
}
