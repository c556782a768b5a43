/* src/model/amount: exact money. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/model/amount.h"
#include "src/model/ticket.h"

static struct wei wei(const char *text)
{
	struct wei a;
	struct err *e = wei_parse(&a, text);

	if (e)
		fail_msg("%s: %s", text, err_text(e));
	return a;
}

static void check_text(void (*fmt)(struct str *, struct wei), const char *in, const char *out)
{
	struct str s = STR_INIT;

	fmt(&s, wei(in));
	assert_string_equal(s.s, out);
	str_clear(&s);
}

static void texts_of_wei(void **state)
{
	(void)state;
	check_text(wei_fmt, "0.1 ETH", "0.1 ETH");
	check_text(wei_fmt, "0.1eth", "0.1 ETH");
	check_text(wei_fmt, "1.50 ETH", "1.5 ETH");
	check_text(wei_fmt, "20 gwei", "20 gwei");
	check_text(wei_fmt, "  20   GWEI", "20 gwei");
	check_text(wei_fmt, "7 wei", "7 wei");
	check_text(wei_fmt, "24703611594215916 wei", "0.024703611594215916 ETH");
	check_text(wei_fmt_eth, "1 wei", "0.000000000000000001 ETH");
	check_text(wei_fmt_gwei, "1 ETH", "1000000000 gwei");
	check_text(wei_fmt, "0 ETH", "0 wei");
	check_text(wei_fmt, ".5 gwei", "0.5 gwei");
}

static void what_is_not_exact_is_refused(void **state)
{
	static const char *const bad[] = { "", "1", "ETH", "1 LPT", "0.1 wei", "-1 ETH",
		"1.2.3 ETH", "1,5 ETH", "0.0000000000000000001 ETH", "1e18 wei", "1 ETH x",
		"0.0000000001 gwei", ". ETH",
		"115792089237316195423570985008687907853269984665640564039458 ETH" };
	struct wei a;
	struct lpt b;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err *e = wei_parse(&a, bad[i]);

		assert_non_null(e);
		err_free(e);
	}
	struct err *e = lpt_parse(&b, "1.5 ETH");

	assert_non_null(strstr(err_text(e), "LPT"));
	err_free(e);
	assert_null(lpt_parse(&b, "1.5 LPT"));
	assert_null(lpt_parse(&b, "1500000000000000000 LPTU"));
}

/* go-livepeer core/orch_test.go TestPriceInfo: base, face / cost -> price */
static void prices_with_overhead(void **state)
{
	static const struct {
		const char *per, *unit, *face, *cost;
		int64_t num, den;
	} rows[] = {
		{ "1", "1", "100", "1", 101, 100 },
		{ "10", "1", "100", "1", 101, 10 },
		{ "1", "10", "100", "1", 101, 1000 },
		{ "25", "10", "100", "1", 101, 40 },
		{ "10", "1", "10", "1", 11, 1 },
		{ "10", "1", "1", "10", 110, 1 },
		{ "10", "1", "1", "1", 20, 1 },
		{ "0", "1", "1", "1", 0, 1 },
		{ "25000", "1", "22245599237119512", "750000000000000", 25842863, 1000 },
		{ "1", "10000", "100", "1", 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct price base, p;
		struct u256 face, cost;
		int64_t num, den;

		assert_null(price_parse(&base, rows[i].per, rows[i].unit));
		assert_true(u256_parse(&face, rows[i].face));
		assert_true(u256_parse(&cost, rows[i].cost));
		p = price_with_overhead(base, (struct wei){ face }, (struct wei){ cost });
		assert_true(price_to_wire(&num, &den, p));
		assert_int_equal(num, rows[i].num);
		assert_int_equal(den, rows[i].den);
	}
}

static void prices_read_as_gos_rats(void **state)
{
	static const struct {
		const char *per, *unit;
		int64_t num, den;
	} rows[] = {
		{ "1200", "1", 1200, 1 }, { "0.5", "1", 1, 2 }, { "7/3", "1", 7, 3 },
		{ "1e3", "1", 1000, 1 }, { "1.5e-1", "3", 1, 20 }, { "10", "0.5", 20, 1 },
		{ "0", "7", 0, 1 },
	};
	static const char *const bad[] = { "", "-1", "1e", "1/0", "x", "1 wei", "0.5USD" };
	struct price p, q;
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(price_parse(&p, rows[i].per, rows[i].unit));
		assert_true(price_from_wire(&q, rows[i].num, rows[i].den));
		assert_true(price_eq(p, q));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err *e = price_parse(&p, bad[i], "1");

		assert_non_null(e);
		err_free(e);
	}
	assert_false(price_from_wire(&p, 1, 0));
	assert_false(price_from_wire(&p, -1, 1));
	assert_null(price_parse(&p, "1200", "1000"));
	price_fmt(&s, p);
	assert_string_equal(s.s, "1.2 wei/px");
	str_clear(&s);
	assert_null(price_parse(&q, "1.3", "1"));
	assert_true(price_cmp(p, q) < 0);
}

static struct credit credit(const char *text)
{
	struct credit c;

	assert_true(credit_from_wei(&c, wei(text[0] == '-' ? text + 1 : text)));
	c.neg = text[0] == '-';
	return c;
}

static void credit_is_a_group(void **state)
{
	static const char *const all[] = { "0 wei", "1 wei", "-1 wei", "7 gwei", "-3 ETH",
		"-7 gwei", "2 ETH" };
	struct credit ab, ba, back;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(all); j++) {
			struct credit a = credit(all[i]), b = credit(all[j]);

			assert_true(credit_add(&ab, a, b));
			assert_true(credit_add(&ba, b, a));
			assert_int_equal(credit_cmp(ab, ba), 0);
			assert_true(credit_sub(&back, ab, b));
			assert_int_equal(credit_cmp(back, a), 0);
			assert_false(back.neg && credit_is_zero(back));
		}
	}
	assert_true(credit_cmp(credit("-3 ETH"), credit("1 wei")) < 0);
	assert_true(credit_cmp(credit("-3 ETH"), credit("-7 gwei")) < 0);
}

static void fees_round_the_way_they_are_told(void **state)
{
	struct price third;
	struct credit up, down, step = { false, u256_from(1) }, sum;
	struct wei whole;

	(void)state;
	assert_null(price_parse(&third, "1", "3"));
	assert_true(credit_of_pixels(&up, third, (struct pixels){ 10 }, 1, 1, ROUND_UP));
	assert_true(credit_of_pixels(&down, third, (struct pixels){ 10 }, 1, 1, ROUND_DOWN));
	assert_true(credit_add(&sum, down, step));
	assert_int_equal(credit_cmp(sum, up), 0);
	assert_true(credit_to_wei(&whole, up));
	assert_int_equal(wei_cmp(whole, wei_from(3)), 0);
	assert_true(credit_of_pixels(&up, third, (struct pixels){ 9 }, 1, 1, ROUND_UP));
	assert_int_equal(credit_cmp(up, credit("3 wei")), 0);
}

/* winProb rounded up makes each ticket worth its EV at least (wire: the
 * recipient demands balance >= EV after one ticket). */
static void a_ticket_is_worth_its_ev(void **state)
{
	struct wei face = wei("0.024703611594215916 ETH"), ev = wei("8 gwei");
	struct credit value, wanted;
	struct prob p;
	struct u256 q;

	(void)state;
	assert_true(u256_mul_div_up(&q, U256_MAX, u256_from(1), face.v));
	assert_true(u256_mul(&p.v, q, ev.v));
	assert_true(credit_of_ticket(&value, face, p));
	assert_true(credit_from_wei(&wanted, ev));
	assert_true(credit_cmp(value, wanted) >= 0);
	assert_true(credit_of_ticket(&value, face, PROB_MAX));
	assert_true(credit_from_wei(&wanted, face));
	assert_int_equal(credit_cmp(value, wanted), 0);
	assert_false(credit_of_ticket(&value, (struct wei){ U256_MAX }, p));
}

static void tickets_are_counted_up(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(credit_count(&n, credit("5 wei"), credit("2 wei"), 100));
	assert_int_equal(n, 3);
	assert_true(credit_count(&n, credit("-5 wei"), credit("2 wei"), 100));
	assert_int_equal(n, 0);
	assert_true(credit_count(&n, credit("4 wei"), credit("2 wei"), 100));
	assert_int_equal(n, 2);
	assert_false(credit_count(&n, credit("1 ETH"), credit("1 wei"), 600));
}

static void percentages(void **state)
{
	struct ppm p;
	struct str s = STR_INIT;
	struct u256 v;
	struct err *e;

	(void)state;
	assert_null(ppm_parse_percent(&p, "10.5"));
	assert_int_equal(p.v, 105000);
	assert_null(ppm_parse_percent(&p, "100 %"));
	assert_int_equal(p.v, 1000000);
	ppm_fmt(&s, (struct ppm){ 105000 });
	assert_string_equal(s.s, "10.5 %");
	str_clear(&s);
	e = ppm_parse_percent(&p, "100.1");
	assert_non_null(e);
	err_free(e);
	e = ppm_parse_percent(&p, "0.00001");
	assert_non_null(e);
	err_free(e);
	/* Two floors: 1000 * (1/3 in ppm) / 10^6 */
	assert_true(u256_perc_of(&v, u256_from(1000), u256_from(1), u256_from(3), 1000000));
	assert_true(u256_eq(v, u256_from(333)));
}

static void ids_read_and_print(void **state)
{
	struct eth_addr a, b;
	struct hash32 h;
	struct str s = STR_INIT;

	(void)state;
	assert_true(addr_parse(&a, "0x73AEd7b5dEb30222fa896f399d46cC99c7BEe57F"));
	assert_true(addr_parse(&b, "73aed7b5deb30222fa896f399d46cc99c7bee57f"));
	assert_true(addr_eq(a, b));
	addr_fmt(&s, a);
	assert_string_equal(s.s, "0x73aed7b5deb30222fa896f399d46cc99c7bee57f");
	str_clear(&s);
	assert_false(addr_parse(&a, "0x73AEd7b5dEb30222fa896f399d46cC99c7BEe57"));
	assert_false(addr_parse(&a, "0x73AEd7b5dEb30222fa896f399d46cC99c7BEe57F0"));
	assert_false(addr_parse(&a, "0x73AEd7b5dEb30222fa896f399d46cC99c7BEe5zz"));
	assert_false(hash_parse(&h, "0x1234"));
	assert_true(addr_is_zero((struct eth_addr){ { 0 } }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_wei),
		cmocka_unit_test(what_is_not_exact_is_refused),
		cmocka_unit_test(prices_with_overhead),
		cmocka_unit_test(prices_read_as_gos_rats),
		cmocka_unit_test(credit_is_a_group),
		cmocka_unit_test(fees_round_the_way_they_are_told),
		cmocka_unit_test(a_ticket_is_worth_its_ev),
		cmocka_unit_test(tickets_are_counted_up),
		cmocka_unit_test(percentages),
		cmocka_unit_test(ids_read_and_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
