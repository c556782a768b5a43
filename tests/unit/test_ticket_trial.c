/* A key that does for tickets, and one that may not sign them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "src/role/ticket_trial.h"
#include "tests/unit/outcome.h"
#include "tests/unit/payer.h"

static void a_good_key(void **state)
{
	struct payer p = payer_new(7);
	struct ticket_trial t;

	(void)state;
	ok(ticket_trial(p.signer, &t));
	assert_int_equal(t.won + t.lost, 64);
	assert_true(t.won && t.lost);
	payer_free(&p);
}

static void one_that_may_not(void **state)
{
	struct payer p = payer_new(7);
	struct signer *s = signer_limited(p.signer, SIGN_TX);
	struct ticket_trial t;

	(void)state;
	refuses(ticket_trial(s, &t), "tickets");
	assert_int_equal(t.won, 0);
	signer_free(s);
	payer_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_key),
		cmocka_unit_test(one_that_may_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
