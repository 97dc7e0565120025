import { junitOf } from '../../../lambdas/assess-compliance/junit';
import { reportPage } from '../../../lambdas/assess-compliance/report-page';
import { aReport, aReportedResult } from '../../support/compliance-fixtures';

const nasty = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&`;
const hostile = aReport({
  results: [
    aReportedResult({
      status: 'fail',
      title: nasty,
      evidence: nasty,
      rationale: nasty,
      reference: `https://example.com/${nasty}`,
      what: nasty,
      since: aReport().checkedAt,
      waiver: { owner: nasty, reason: nasty, until: '2026-01-01', ended: true },
    }),
  ],
  remarks: [nasty],
});

test('nothing of what was found becomes markup, on the page or in XML', () => {
  for (const text of [reportPage(hostile), junitOf(hostile)]) {
    expect(text).not.toMatch(/<script|<img/);
    expect(text).not.toContain(nasty);
    expect(text).toContain('&lt;script&gt;');
  }
});

test('the page needs nothing else, and may run nothing', () => {
  const page = reportPage(aReport());
  expect(page).toMatch(/http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src/);
  expect(page).not.toMatch(/<script|<link|<iframe|src=| style="| on\w+="/);
});

test('says first what is not kept, the gravest at the top, and what to do about it', () => {
  const failing = (id: string, severity: 'low' | 'high') =>
    aReportedResult({ id, title: `Rule ${id}`, severity, status: 'fail', since: aReport().checkedAt });
  const page = reportPage(aReport({ results: [failing('one', 'low'), failing('two', 'high')] }));
  expect(page).toContain('2 rules are not kept.');
  expect(page.indexOf('Rule two')).toBeLessThan(page.indexOf('Rule one'));
  expect(page).toContain('{&quot;workspace&quot;:&quot;demo/web-01&quot;,&quot;asApplied&quot;:true');
});

test('names who answers for a waiver, and that one has ended', () => {
  const waiver = { owner: 'platform-team', reason: 'Until the move.', until: '2026-03-01', ended: false };
  const page = (status: 'waived' | 'fail', ended: boolean) =>
    reportPage(
      aReport({ results: [aReportedResult({ status, waiver: { ...waiver, ended }, since: null })] }),
    );
  expect(page('waived', false)).toMatch(/Waived<\/span> platform-team, until 2026-03-01: Until the move\./);
  expect(page('fail', true)).toContain('Its waiver has ended');
});

test('where nothing fails, it says so and asks for nothing', () => {
  const page = reportPage(aReport({ results: [aReportedResult()] }));
  expect(page).toContain('Every rule that applies is kept or waived.');
  expect(page).not.toContain('What to do</h2>');
});

test('a trend is a line that is told in words, too; one check alone is none', () => {
  const check = (score: number, day: number) => ({
    runId: `run-${day}`,
    at: `2026-01-0${day}T00:00:00.000Z`,
    score,
    failed: 1,
    waived: 0,
  });
  const page = reportPage(aReport({ trend: [check(80, 1), check(95, 2)] }));
  expect(page).toContain('aria-label="The score went from 80 % to 95 % over 2 checks."');
  expect(page).toMatch(/points="8,28\.8 632,13\.2"/);
  expect(reportPage(aReport({ trend: [check(80, 1)] }))).not.toContain('<svg');
});

test('JUnit counts a suite for each thing, with failures and what was left out', () => {
  const text = junitOf(
    aReport({
      results: [
        aReportedResult({ status: 'fail' }),
        aReportedResult({ id: 'b', status: 'not-applicable' }),
        aReportedResult({ id: 'c', in: 'module', what: 'vm' }),
      ],
    }),
  );
  expect(text).toMatch(
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="demo\/web-01" tests="3" failures="1" skipped="1">/,
  );
  expect(text).toMatch(/<testsuite name="host web-01" [^>]*tests="2" failures="1" errors="0" skipped="1">/);
  expect(text).toMatch(/<testsuite name="module vm" [^>]*tests="1" failures="0" errors="0" skipped="0">/);
});
