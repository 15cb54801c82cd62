using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Tensors;

namespace Perk.Core.Tests.Evaluation;

/// <summary>Two stories of one book, each encoded with the shipped defaults: the adapter knows its own story better.</summary>
public sealed class LossFallTests(LossFallTests.TwoStories stories) : IClassFixture<LossFallTests.TwoStories>
{
    [Fact]
    public void Measure_EncodedText_FallsMoreThanAnotherChapterOfTheBook()
    {
        Assert.True(stories.First.Difference.Low > 0, stories.First.ToString());
        Assert.True(stories.First.After < stories.First.Before);
    }

    [Fact]
    public void Measure_TheOtherWayRound_FallsMoreToo() =>
        // One direction alone could be a text that is easier to learn.
        Assert.True(stories.Second.Difference.Low > 0, stories.Second.ToString());

    [Fact]
    public void Measure_AdapterOfTheControlText_FallsLess() => Assert.True(stories.Swapped.Difference.High < 0, stories.Swapped.ToString());

    public sealed class TwoStories
    {
        private const int Segments = 48;

        public TwoStories()
        {
            var source = new CheckpointSource { ModelFolder = RepositoryFiles.Stories260K };
            using var checkpoint = source.Load(ComputeDevice.Select("cpu"));
            var encoder = new DocumentEncoder(checkpoint, new EncodingOptions());
            var (one, other) = (Story("a-scandal-in-bohemia.txt"), Story("the-redheaded-league.txt"));
            using var ofOne = Encode(one);
            using var ofOther = Encode(other);
            First = LossFall.Measure(checkpoint.Model, ofOne, one, other, seed: 1);
            Second = LossFall.Measure(checkpoint.Model, ofOther, other, one, seed: 1);
            Swapped = LossFall.Measure(checkpoint.Model, ofOther, one, other, seed: 1);

            IReadOnlyList<TokenSegment> Story(string file)
            {
                var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Demo", "Documents", file));
                return encoder.TokenSegments(encoder.Segments(text).Take(Segments));
            }

            Adapter Encode(IReadOnlyList<TokenSegment> story) => InnerLoop.Run(checkpoint.Model, checkpoint.Meta, story, new InnerLoopOptions()).Adapter;
        }

        public LossFall First { get; }

        public LossFall Second { get; }

        public LossFall Swapped { get; }
    }
}
