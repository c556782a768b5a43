#include "src/base/crash.h"

#include <assert.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define HOOKS_MAX 4
#define FRAMES_MAX 64
#define STACK_SIZE (64 << 10)

/* A signal handler has no other place to look. */
static const char *about = "";
static void (*hooks[HOOKS_MAX])(void);
static atomic_int hooks_n;
static atomic_int crashing;

static const struct {
	int signal;
	const char *name;
} fatal[] = {
	{SIGSEGV, "SIGSEGV, a bad address"},
	{SIGBUS, "SIGBUS, a bad address"},
	{SIGFPE, "SIGFPE, bad arithmetic"},
	{SIGILL, "SIGILL, a bad instruction"},
	{SIGABRT, "SIGABRT, an assertion"},
	{SIGSYS, "SIGSYS, a forbidden system call"},
};

static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static void say_hex(uintptr_t value)
{
	char text[2 + 2 * sizeof(value) + 1] = "0x";

	for (size_t i = 0; i < 2 * sizeof(value); i++)
		text[2 + i] = "0123456789abcdef"[value >> (8 * sizeof(value) - 4 - 4 * i) & 15];
	text[sizeof(text) - 1] = '\0';
	say(text);
}

static void report(int signal, const siginfo_t *info)
{
	void *frames[FRAMES_MAX];
	char thread[16] = "?";
	int n;

	prctl(PR_GET_NAME, thread);
	say("\n--- crash report, please paste all of it into an issue ---\n");
	say(about);
	say(", thread ");
	say(thread);
	say("\n");
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		if (fatal[i].signal == signal)
			say(fatal[i].name);
	if (signal == SIGSEGV || signal == SIGBUS) {
		say(" ");
		say_hex((uintptr_t)info->si_addr);
	}
	say("\n");
	n = backtrace(frames, FRAMES_MAX);
	backtrace_symbols_fd(frames, n, STDERR_FILENO);
	say("--- end of crash report ---\n");
}

static void run_hooks(void)
{
	int n = atomic_load(&hooks_n);

	for (int i = 0; i < n; i++)
		hooks[i]();
}

static void on_fatal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	/* A second thread that crashes, or a crash in here, must not begin
	 * again: the default action is in place by then (SA_RESETHAND). */
	if (!atomic_exchange(&crashing, 1)) {
		run_hooks();
		report(signal, info);
	}
	raise(signal);
}

void crash_hook(void (*fn)(void))
{
	int n = atomic_load(&hooks_n);

	assert(n < HOOKS_MAX);
	hooks[n] = fn;
	atomic_store(&hooks_n, n + 1);
}

void crash_end(const char *line)
{
	/* One thread speaks; the others wait for the end. */
	while (atomic_exchange(&crashing, 1))
		pause();
	run_hooks();
	say(line);
	_exit(EXIT_FAILURE);
}

void crash_install(const char *about_line)
{
	/* A stack overflow cannot be reported on the stack that overflowed. */
	static uint8_t stack[STACK_SIZE];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {
		.sa_sigaction = on_fatal,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER,
	};
	void *frame;

	about = about_line;
	/* The first call loads libgcc, which a handler may not. */
	backtrace(&frame, 1);
	sigaltstack(&alternate, NULL);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
		/* The sanitizer's own report says more. */
		if (fatal[i].signal != SIGABRT)
			continue;
#endif
		sigaction(fatal[i].signal, &action, NULL);
	}
}
