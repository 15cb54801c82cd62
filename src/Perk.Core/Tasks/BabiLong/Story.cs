namespace Perk.Core.Tasks.BabiLong;

/// <summary>Facts and what is asked after them.</summary>
/// <param name="Facts">In the order of events.</param>
/// <param name="Main">The story's own question.</param>
internal sealed record Story(IReadOnlyList<StoryFact> Facts, StoryQuestion Main);

/// <summary>A question about a story.</summary>
/// <param name="Level">What kind of question.</param>
/// <param name="Entity">The person or object it is about.</param>
/// <param name="Before">The place before which; null where the question is about now.</param>
/// <param name="Answer">A place.</param>
/// <param name="Support">The facts it follows from, in the order of events.</param>
internal sealed record StoryQuestion(BabiLevel Level, string Entity, string? Before, string Answer, IReadOnlyList<int> Support)
{
    /// <summary>
    /// The way to the support: first the fact that tells who had the object last, then that person's events, later ones first, down to the move that
    /// answers: whether that is reached can be told from the line just written, and not from the next. None where the question names the person.
    /// </summary>
    internal IReadOnlyList<int> Lead { get; init; } = [];

    /// <summary>The question's words.</summary>
    internal string Text => TextOf(Level, Entity, Before);

    /// <summary>See <see cref="ProblemQuestion.Kind"/>.</summary>
    internal static string KindOf(BabiLevel level) => level switch
    {
        BabiLevel.Qa1 => "where-is-person",
        BabiLevel.Qa2 => "where-is-object",
        BabiLevel.Qa3 => "where-was-object-before",
        _ => "where-was-person-before",
    };

    /// <summary>The words of a question about anybody or anything.</summary>
    internal static string TextOf(BabiLevel level, string entity, string? before) => level switch
    {
        BabiLevel.Qa1 => $"Where is {entity}?",
        BabiLevel.Qa2 => $"Where is the {entity}?",
        BabiLevel.Qa3 => $"Where was the {entity} before the {before}?",
        _ => $"Where was {entity} before the {before}?",
    };
}
