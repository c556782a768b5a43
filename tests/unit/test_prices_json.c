/* Prices for single broadcasters, as go-livepeer's files have them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "proto/prices_json.h"

static void on_price(void *ctx, struct eth_addr who, struct price p)
{
	str_printf(ctx, "%02x:", who.b[0]);
	price_fmt(ctx, p);
	str_addc(ctx, ' ');
}

#define A "\"ethaddress\":\"0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65\""

static void are_read(void **state)
{
	static const char json[] = "{\"gateways\":[{" A ",\"priceperunit\":1200,"
		"\"pixelsperunit\":10}],\"broadcasters\":[{\"ethaddress\":"
		"\"70997970C51812dc3A010C7d01b50e0d17dc79C8\",\"priceperunit\":0.5},{" A ","
		"\"priceperunit\":\"7/2\",\"currency\":\"\"}]}";
	struct str s = STR_INIT;

	(void)state;
	assert_null(prices_json_read(json, strlen(json), on_price, &s));
	assert_string_equal(s.s, "70:0.5 wei/px 15:3.5 wei/px 15:120 wei/px ");
	str_clear(&s);
}

static void refused(const char *json, const char *word)
{
	struct str s = STR_INIT;
	struct err *e = prices_json_read(json, strlen(json), on_price, &s);

	assert_non_null(e);
	if (!strstr(err_text(e), word))
		fail_msg("\"%s\" is not in \"%s\"", word, err_text(e));
	err_free(e);
	str_clear(&s);
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	refused("{", "");
	refused("{\"gateways\":[{\"ethaddress\":\"0x12\",\"priceperunit\":1}]}", "0x12");
	refused("{\"gateways\":[{" A "}]}", "priceperunit");
	refused("{\"gateways\":[{" A ",\"priceperunit\":-1}]}", "-1");
	refused("{\"gateways\":[{" A ",\"priceperunit\":1,\"pixelsperunit\":0}]}", "0");
	refused("{\"gateways\":[{" A ",\"priceperunit\":1,\"currency\":\"USD\"}]}", "USD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_read),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
