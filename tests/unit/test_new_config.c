/* weir's configuration from the alpha's flags: weir itself reads it, and reads
 * in it what was meant. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/migrate/new_config.h"
#include "src/node/config.h"
#include "tests/unit/outcome.h"

static struct str text;

static int teardown(void **state)
{
	(void)state;
	str_clear(&text);
	return 0;
}

static struct old_flags *of(const char *line)
{
	struct old_flags *f;

	ok(old_flags_from_shell(line, strlen(line), OLD_LINE_ALPHA, &f));
	return f;
}

/* Written and read again by weir. */
static struct config *through(const char *line, const struct new_config *known)
{
	struct old_flags *f = of(line);
	struct config *c = config_new();

	str_truncate(&text, 0);
	ok(new_config_write(f, known, &text));
	ok(config_read_text(c, "weir.conf", text.s, text.len));
	ok(config_check(c));
	old_flags_free(f);
	return c;
}

static void says(const char *part)
{
	if (!strstr(text.s, part))
		fail_msg("\"%s\" is not in:\n%s", part, text.s);
}

static void a_transcoder_becomes_an_orchestrator(void **state)
{
	const struct new_config known = {
		.datadir = "/var/lib/weir",
		.account = { { 0x7e, 0x5f } },
		.password_file = "/root/pw",
		.eth_url = "http://127.0.0.1:8545",
		.price = { wei_from(3), { 7 } },
	};
	struct config *c = through("livepeer -transcoder -ethPassword hunter2 -ethIpcPath /x.ipc"
		" -serviceAddr a.example:8935 -ipfsPath /ipfs -v 6 -monitor=true", &known);
	struct price p;

	(void)state;
	assert_int_equal(config_roles(c), OPTION_O | OPTION_T);
	assert_string_equal(config_text(c, OPT_NETWORK), "mainnet");
	assert_string_equal(config_text(c, OPT_DATADIR), "/var/lib/weir");
	assert_string_equal(config_text(c, OPT_ETH_URL), "http://127.0.0.1:8545");
	assert_string_equal(config_text(c, OPT_ETH_PASSWORD), "/root/pw");
	assert_string_equal(config_text(c, OPT_SERVICE_ADDR), "a.example:8935");
	assert_int_equal(config_int(c, OPT_VERBOSITY), 6);
	ok(config_price(c, OPT_PRICE_PER_UNIT, &p));
	assert_true(price_eq(p, known.price));
	ok(config_check_start(c));
	config_free(c);
	says("# -ethPassword ***: ");
	assert_null(strstr(text.s, "hunter2"));
	says("# -ipfsPath /ipfs: Segments go straight");
	says("# ATTENTION: -transcoder alone now is a machine");
	says("# ATTENTION: Without a flag the alpha was on mainnet");
}

static void what_nobody_knows_is_asked_for(void **state)
{
	const struct new_config none = { .price = { .unit = { 0 } } };
	struct old_flags *f = of("livepeer -transcoder");
	struct str missing = STR_INIT;
	struct config *c = through("livepeer -transcoder", &none);

	(void)state;
	config_free(c);
	says("# pricePerUnit ?   (wei)\n");
	says("# ethUrl ?   (URL,...)\n");
	new_config_missing(f, &none, &missing);
	assert_string_equal(str_cstr(&missing), "ethUrl\nethAcctAddr\npricePerUnit\n");
	str_truncate(&missing, 0);
	new_config_missing(f, &(struct new_config){ .network = "offchain" }, &missing);
	assert_string_equal(str_cstr(&missing), "ethAcctAddr\n");
	str_clear(&missing);
	old_flags_free(f);
}

static void every_network_and_role_is_read_back(void **state)
{
	static const char *const lines[] = {
		"livepeer", "livepeer -offchain", "livepeer -rinkeby", "livepeer -devenv",
		"livepeer -offchain -gasPrice 5 -gasLimit 6 -initializeRound -transcoder",
		"livepeer -standaloneTranscoder -orchAddr a -orchSecret b -ethUrl http://x -v 4",
		"livepeer -orchestrator -faceValue 0.1 -winProb 10 -s3bucket x -s3creds y",
		"livepeer -transcoder -gasPrice 30000000000 -rtmpAddr 0.0.0.0:1935 -httpAddr :1",
		"livepeer -offchain -currentManifest -maxSessions 4 -transcodingOptions bad",
	};
	const struct new_config known = { .network = NULL }, off = { .network = "offchain" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		config_free(through(lines[i], &known));
		config_free(through(lines[i], &off));
	}
}

static void a_broadcasters_cap_is_written(void **state)
{
	const struct new_config known = { .max_price = { wei_from(11), { 2 } } };
	struct config *c = through("livepeer -maxPricePerSegment 9", &known);
	struct price p;

	(void)state;
	assert_int_equal(config_roles(c), OPTION_B);
	ok(config_price(c, OPT_MAX_PRICE_PER_UNIT, &p));
	assert_true(price_eq(p, known.max_price));
	assert_string_equal(config_text(c, OPT_HTTP_ADDR), "127.0.0.1:8935");
	config_free(c);
}

/* Text from elsewhere stays within its comment. */
static void nothing_breaks_out_of_a_comment(void **state)
{
	const struct new_config none = { .network = NULL };
	struct config *c = through("livepeer -offchain '-x\norchestrator\n' 'y\nethPassword z'"
		" '-v' '5 # 6' \"stray\ntranscoder\"", &none);

	(void)state;
	assert_int_equal(config_roles(c), OPTION_B);
	assert_false(config_is_set(c, OPT_ETH_PASSWORD));
	assert_false(config_is_set(c, OPT_VERBOSITY));
	config_free(c);
}

static void what_a_line_cannot_hold_is_refused(void **state)
{
	static const char *const bad[] = { "/a\nreward", "/a #b", " /a", "/a\033[2J" };
	struct old_flags *f = of("livepeer -offchain");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		str_truncate(&text, 0);
		refuses(new_config_write(f, &(struct new_config){ .datadir = bad[i] }, &text),
			"cannot hold this value");
	}
	old_flags_free(f);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_transcoder_becomes_an_orchestrator),
		TEST(what_nobody_knows_is_asked_for),
		TEST(every_network_and_role_is_read_back),
		TEST(a_broadcasters_cap_is_written),
		TEST(nothing_breaks_out_of_a_comment),
		TEST(what_a_line_cannot_hold_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
