using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>
/// An evaluation step by step, so that whoever else needs the accelerator gets it in between: no step writes more than one context. One context is in
/// memory between steps, and one other's adapter; what the log holds already is not asked again.
/// </summary>
public sealed class EvaluationSteps : IDisposable
{
    private readonly Evaluator _evaluator;
    private readonly EvaluationSet _set;
    private readonly EvaluationLog _log;
    private readonly IProgress<EvaluationProgress>? _progress;
    private readonly BlindGuess _blind;
    private int _at;
    private ProblemMemory? _other;
    private ProblemMemory? _second;

    internal EvaluationSteps(Evaluator evaluator, IMemoryTask task, EvaluationSet set, EvaluationLog log, IProgress<EvaluationProgress>? progress)
    {
        (_evaluator, _set, _log, _progress) = (evaluator, set, log, progress);
        _blind = new BlindGuess(task.TrainingAnswers());
        PassWhatIsThere();
    }

    /// <summary>Whether every context is in the log.</summary>
    public bool Done => _at == _set.Contexts;

    /// <summary>Does the next step on the calling thread: a context is written for the swap control, or one is written and asked about.</summary>
    /// <param name="cancel">Checked before each micro-batch and token; what is logged by then stays.</param>
    /// <returns>Whether the log has a context more.</returns>
    /// <exception cref="InvalidOperationException">All is done.</exception>
    /// <exception cref="MetaLearning.InnerLoopDivergedException">A context cannot be written with these step sizes.</exception>
    /// <exception cref="OperationCanceledException"/>
    public bool Next(CancellationToken cancel)
    {
        if (Done) throw new InvalidOperationException("Every context is in the log already.");
        if (_other is null)
        {
            // The other document is the one before; for the first it is the second, which is kept for its own turn.
            _other = _at > 0 ? Remember(_at - 1, cancel) : _second = Remember(1, cancel);
            return false;
        }

        var own = _at == 1 && _second is not null ? _second : Remember(_at, cancel);
        try
        {
            var rows = _evaluator.Rows(own, _other, _blind, name => _progress?.Report(new EvaluationProgress(_at, _set.Contexts, name, null)), cancel);
            _log.Add(_evaluator.Context(own), rows);
        }
        catch when (own != _second)
        {
            own.Dispose();
            throw;
        }

        if (_at > 0) _second = null; // It is the own one now.
        Pass(own);
        PassWhatIsThere();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_other != _second) _other?.Dispose();
        _second?.Dispose();
        (_other, _second) = (null, null);
    }

    private void PassWhatIsThere()
    {
        while (!Done && _log.Holds(_set.DrawOf(_at))) Pass(null);
    }

    /// <summary>Goes on to the next context; the one that is passed is its other document.</summary>
    private void Pass(ProblemMemory? passed)
    {
        if (_other != _second) _other?.Dispose();
        if (passed is null)
        {
            _second?.Dispose();
            _second = null;
        }

        _other = passed;
        _at++;
    }

    private ProblemMemory Remember(int index, CancellationToken cancel) =>
        _evaluator.Remember(_set[index], encoding => _progress?.Report(new EvaluationProgress(_at, _set.Contexts, "encoding", encoding)), cancel);
}
