namespace Perk.Core.Tasks.BabiLong;

/// <summary>Tells stories as the original bAbI files do.</summary>
/// <remarks>
/// Measured there: after every second fact a question is asked if one of the last five facts changed something whose place is
/// known, and that of a random one of them; a file's story ends with its fifth question. A story here ends with one of the five
/// at random, so that lengths and the distances of supporting facts come out as the files' (a test compares them).
/// </remarks>
internal sealed class BabiSimulation(BabiLevel level, WorldLists lists, StorySize size)
{
    private const int QuestionsPerStory = 5;
    private const int FactsPerStep = 2;
    private const int RecentFacts = 5;
    private const int MostFacts = 1000; // The files' longest has 224; a very small world may never come to a question again.

    /// <summary>A story and its question.</summary>
    internal Story Tell(Random random)
    {
        for (var toSkip = random.Next(QuestionsPerStory); ; toSkip = 0)
        {
            if (TryTell(toSkip, random) is { } story) return story;
        }
    }

    private Story? TryTell(int toSkip, Random random)
    {
        var world = new BabiWorld(level, lists, size, random);
        var facts = new List<StoryFact>();
        while (facts.Count < MostFacts)
        {
            for (var i = 0; i < FactsPerStep; i++) facts.Add(world.Step());
            var askable = Recent(facts);
            if (askable.Count > 0 && toSkip-- == 0) return new(facts, random.Pick(askable));
        }

        return null;
    }

    private List<StoryQuestion> Recent(List<StoryFact> facts)
    {
        var recent = facts[^Math.Min(RecentFacts, facts.Count)..].Select(ChangedBy).OfType<string>().ToList();
        if (recent.Count == 0) return [];
        var questions = StoryReasoning.Questions(level, facts);
        return [.. recent.Select(e => questions.FirstOrDefault(q => q.Entity == e)).OfType<StoryQuestion>()];
    }

    private string? ChangedBy(StoryFact fact) => level is BabiLevel.Qa1 or BabiLevel.Order
        ? fact.Agent
        : fact.Action == FactAction.Move ? null : fact.Target;
}
