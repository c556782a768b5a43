/* Near and far addresses, in every spelling, and who may send us where. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "src/base/mem.h"
#include "src/net/scope.h"

static const struct {
	const char *ip;
	enum scope scope;
} cases[] = {
	{"169.254.169.254", SCOPE_LINK}, {"169.253.255.255", SCOPE_WORLD},
	{"169.255.0.0", SCOPE_WORLD}, {"127.0.0.1", SCOPE_HOST},
	{"127.255.255.255", SCOPE_HOST}, {"128.0.0.0", SCOPE_WORLD},
	{"0.0.0.0", SCOPE_HOST}, {"0.1.2.3", SCOPE_HOST}, {"1.0.0.0", SCOPE_WORLD},
	{"10.0.0.1", SCOPE_SITE}, {"11.0.0.1", SCOPE_WORLD}, {"172.15.0.1", SCOPE_WORLD},
	{"172.16.0.1", SCOPE_SITE}, {"172.31.255.255", SCOPE_SITE},
	{"172.32.0.0", SCOPE_WORLD}, {"192.168.1.1", SCOPE_SITE},
	{"192.169.0.0", SCOPE_WORLD}, {"100.100.100.200", SCOPE_SITE},
	{"100.128.0.0", SCOPE_WORLD}, {"224.0.0.1", SCOPE_LINK},
	{"255.255.255.255", SCOPE_LINK}, {"8.8.8.8", SCOPE_WORLD}, {"::1", SCOPE_HOST},
	{"::", SCOPE_HOST}, {"::ffff:169.254.169.254", SCOPE_LINK},
	{"::ffff:127.0.0.1", SCOPE_HOST}, {"::ffff:8.8.8.8", SCOPE_WORLD},
	{"::127.0.0.1", SCOPE_HOST}, {"64:ff9b::a9fe:a9fe", SCOPE_LINK},
	{"fe80::1", SCOPE_LINK}, {"febf::1", SCOPE_LINK}, {"fec0::1", SCOPE_SITE},
	{"fd00:ec2::254", SCOPE_SITE}, {"fc00::1", SCOPE_SITE}, {"ff02::1", SCOPE_LINK},
	{"2001:db8::1", SCOPE_WORLD},
};

static void addresses_have_a_scope(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sockaddr_in v4 = {.sin_family = AF_INET};
		struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
		enum scope by_bytes = inet_pton(AF_INET, cases[i].ip, &v4.sin_addr) == 1 ?
			scope_of((struct sockaddr *)&v4) :
			inet_pton(AF_INET6, cases[i].ip, &v6.sin6_addr) == 1 ?
			scope_of((struct sockaddr *)&v6) : (enum scope)-1;

		if (scope_of_text(cases[i].ip) != cases[i].scope || by_bytes != cases[i].scope)
			fail_msg("%s", cases[i].ip);
	}
}

static void the_unknown_is_near(void **state)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};

	(void)state;
	assert_int_equal(scope_of((struct sockaddr *)&path), SCOPE_HOST);
	assert_int_equal(scope_of_text(""), SCOPE_HOST);
	assert_int_equal(scope_of_text("example.org"), SCOPE_HOST);
	assert_int_equal(scope_of_text("fe80::1%eth0"), SCOPE_LINK);
	assert_int_equal(scope_of_text("11111111111111111111111111111111111111111111111111"),
		SCOPE_HOST);
}

static void nobody_is_sent_nearer(void **state)
{
	(void)state;
	for (enum scope from = SCOPE_LINK; from <= SCOPE_WORLD; from++)
		for (enum scope to = SCOPE_LINK; to <= SCOPE_WORLD; to++)
			assert_int_equal(scope_may_redirect(from, to),
				to != SCOPE_LINK && to >= from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_a_scope),
		cmocka_unit_test(the_unknown_is_near),
		cmocka_unit_test(nobody_is_sent_nearer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
