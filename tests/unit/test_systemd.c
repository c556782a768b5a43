/* The datagram that systemd waits for, read from a socket of ours. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/node/systemd.h"

/* An abstract name needs no file; the kernel picks one. */
static void datagram_arrives(void **state)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t n = sizeof(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char env[128] = "@", got[64] = "";

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &n), 0);
	memcpy(env + 1, name.sun_path + 1, n - sizeof(sa_family_t) - 1);
	setenv("NOTIFY_SOCKET", env, 1);
	systemd_notify("READY=1");
	assert_int_equal(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), 7);
	assert_string_equal(got, "READY=1");
	setenv("NOTIFY_SOCKET", "not-a-path", 1);
	systemd_notify("READY=1");
	unsetenv("NOTIFY_SOCKET");
	systemd_notify("STOPPING=1");
	assert_int_equal(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), -1);
	close(fd);
}

static void journal_is_stderr(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:1", 1);
	assert_false(systemd_has_journal());
	setenv("JOURNAL_STREAM", "nonsense", 1);
	assert_false(systemd_has_journal());
	unsetenv("JOURNAL_STREAM");
	assert_false(systemd_has_journal());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagram_arrives),
		cmocka_unit_test(journal_is_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
