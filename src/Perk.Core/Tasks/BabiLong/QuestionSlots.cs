namespace Perk.Core.Tasks.BabiLong;

/// <summary>A question to be asked about a story.</summary>
/// <param name="Level">Gives its kind.</param>
/// <param name="Text">Its words.</param>
/// <param name="Story">The question of this story that it is; null where it is none.</param>
/// <param name="Answerability">Whether the context holds the answer.</param>
internal sealed record AskedQuestion(BabiLevel Level, string Text, StoryQuestion? Story, Answerability Answerability);

/// <summary>Chooses the questions about a context.</summary>
/// <param name="options">How many, and how many of them unknown.</param>
/// <param name="stories">Where questions about other documents come from.</param>
/// <param name="absent">Words for those who never occur, the first lists first.</param>
internal sealed class QuestionSlots(BabiLongOptions options, StorySource stories, params IReadOnlyList<WorldLists> absent)
{
    private const int OthersTried = 16;

    /// <summary>The story's own question first, then others that it answers; some replaced by unknown ones.</summary>
    /// <param name="index">The draw.</param>
    /// <param name="story">Its story.</param>
    /// <param name="occurs">Whether a word occurs in the context.</param>
    /// <param name="random">Where chance comes from.</param>
    internal List<AskedQuestion> Choose(int index, Story story, Func<string, bool> occurs, Random random)
    {
        var further = StoryReasoning.Questions(options.Level, story.Facts).Where(q => q.Text != story.Main.Text).ToList();
        var answerable = new Queue<StoryQuestion>([story.Main, .. random.PickDistinct(further, further.Count)]);
        var asked = new List<AskedQuestion>();
        // An unknown question takes the place of an answerable one: so their share is as asked.
        for (var slots = Math.Min(options.Questions, answerable.Count); asked.Count < slots;)
        {
            var unknown = options.Unknown.Draw(random) switch
            {
                Answerability.OtherDocument => OfOther(index, occurs, asked) ?? AboutNobody(story, occurs, asked, random),
                Answerability.Unanswerable => AboutNobody(story, occurs, asked, random),
                _ => null,
            };
            asked.Add(unknown ?? Answerable(answerable.Dequeue()));
        }

        return asked;
    }

    private AskedQuestion Answerable(StoryQuestion question) =>
        new(options.Level, question.Text, question, Answerability.Answerable);

    private AskedQuestion? OfOther(int index, Func<string, bool> occurs, List<AskedQuestion> asked)
    {
        for (var k = 1; k <= OthersTried; k++)
        {
            var other = stories[stories.Count is { } count ? (index + k) % count : unchecked(index + k)].Main;
            if (!occurs(other.Entity) && asked.TrueForAll(q => q.Text != other.Text))
                return new(options.Level, other.Text, null, Answerability.OtherDocument);
        }

        return null;
    }

    private AskedQuestion? AboutNobody(Story story, Func<string, bool> occurs, List<AskedQuestion> asked, Random random)
    {
        var person = options.Level is BabiLevel.Qa1 or BabiLevel.Order;
        var moves = story.Facts.Where(f => f.Action == FactAction.Move);
        var places = moves.Select(f => f.Target).Distinct(StringComparer.Ordinal).ToList();
        var before = options.Level is BabiLevel.Qa3 or BabiLevel.Order ? random.Pick(places) : null;
        foreach (var lists in absent)
        {
            var words = person ? lists.Names : lists.Objects;
            foreach (var word in random.PickDistinct(words, words.Count))
            {
                var text = StoryQuestion.TextOf(options.Level, word, before);
                if (!occurs(word) && asked.TrueForAll(q => q.Text != text))
                    return new(options.Level, text, null, Answerability.Unanswerable);
            }
        }

        return null;
    }
}
