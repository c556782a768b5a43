/* One process per key, also when the first is killed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/eth/key_lock.h"

/* An account of this run's own. */
static struct eth_addr account(uint8_t n)
{
	struct eth_addr a = { { 0xfe, n } };
	pid_t pid = getpid();

	memcpy(a.b + 4, &pid, sizeof(pid));
	return a;
}

static void one_at_a_time(void **state)
{
	struct key_lock *l, *other;
	struct err *e;
	char pid[32];

	(void)state;
	assert_null(key_lock_take(account(1), &l));
	e = key_lock_take(account(1), &other);
	assert_non_null(e);
	assert_null(other);
	assert_int_equal(err_kind(e), ERR_BUSY);
	snprintf(pid, sizeof(pid), "(pid %d)", (int)getpid());
	assert_non_null(strstr(err_text(e), pid));
	err_free(e);
	assert_null(key_lock_take(account(2), &other));
	key_lock_release(other);
	key_lock_release(l);
	assert_null(key_lock_take(account(1), &l));
	key_lock_release(l);
	key_lock_release(NULL);
}

static void goes_with_its_process(void **state)
{
	struct eth_addr a = account(3);
	struct key_lock *l;
	int ready[2], status;
	struct err *e;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (key_lock_take(a, &l) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	e = key_lock_take(a, &l);
	assert_non_null(e);
	err_free(e);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_null(key_lock_take(a, &l));
	key_lock_release(l);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_at_a_time), cmocka_unit_test(goes_with_its_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
