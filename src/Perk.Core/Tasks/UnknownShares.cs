namespace Perk.Core.Tasks;

/// <summary>How many of the questions have no answer in their context; their gold answer is <see cref="UnknownAnswer.Text"/>.</summary>
public sealed record UnknownShares
{
    /// <summary>None.</summary>
    public static UnknownShares None { get; } = new(0, 0);

    /// <summary>Takes the shares.</summary>
    /// <param name="unanswerable">The probability that a question asks about something that no context tells.</param>
    /// <param name="otherDocument">The probability that it is a question about another draw's context.</param>
    /// <exception cref="ArgumentException">A share is below 0, or both together are above 1.</exception>
    public UnknownShares(double unanswerable, double otherDocument)
    {
        if (!(unanswerable >= 0 && otherDocument >= 0 && unanswerable + otherDocument <= 1))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"The shares of unanswerable questions ({unanswerable}) and of questions about another document ({otherDocument}) must be from 0 and together at most 1."));
        }

        (Unanswerable, OtherDocument) = (unanswerable, otherDocument);
    }

    /// <summary>The probability that a question asks about something that no context tells.</summary>
    public double Unanswerable { get; }

    /// <summary>The probability that a question is about another draw's context.</summary>
    public double OtherDocument { get; }

    /// <summary>Draws what a question shall be.</summary>
    internal Answerability Draw(Random random) => random.NextDouble() switch
    {
        var u when u < Unanswerable => Answerability.Unanswerable,
        var u when u < Unanswerable + OtherDocument => Answerability.OtherDocument,
        _ => Answerability.Answerable,
    };
}
