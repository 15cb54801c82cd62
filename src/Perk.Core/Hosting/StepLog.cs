using Microsoft.Extensions.Logging;
using Perk.Core.Documents;

namespace Perk.Core.Hosting;

/// <summary>Logs each inner step of a document when it is done: its loss and how fast it went.</summary>
internal sealed class StepLog(ILogger logger, string job) : IProgress<EncodeProgress>
{
    private EncodeProgress? _last;

    public void Report(EncodeProgress value)
    {
        if (_last is { } last && (value.Step != last.Step)) Tell(last);
        if (value.TokensDone >= value.TokensTotal) Tell(value);
        _last = value;
    }

    private void Tell(EncodeProgress step) => HostLog.Step(logger, job, step.Step, step.Steps, step.Loss, step.TokensPerSecond);
}
